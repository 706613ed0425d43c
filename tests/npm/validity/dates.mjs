// The literals of the scalar DateTime: RFC 3339, section 5.6.

const FORM = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:[Zz]|[+-](\d{2}):(\d{2}))$/;

/** Whether a text is a date and time with an offset. */
export function isDateTime(text) {
  const parts = FORM.exec(text);
  if (!parts) return false;
  const [year, month, day, hour, minute, second, hours = 0, minutes = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  const days = month >= 1 && month <= 12 ? new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate() : 0;
  return day >= 1 && day <= days && hour < 24 && minute < 60 && second <= 60 && hours < 24 && minutes < 60;
}
