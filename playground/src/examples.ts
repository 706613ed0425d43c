// The operations that the page opens with, one tab each, and the list of the examples panel. All of them answer on the
// sandbox without an error.

export interface Example {
  title: string;
  /** What it shows, in a sentence. */
  about: string;
  /** One named operation; the name is the title of its tab. */
  query: string;
  /** As JSON. */
  variables?: string;
}

export const examples: readonly Example[] = [
  {
    title: 'A tour of the cycle',
    about: 'From a person to groups, accounts, buyers, and back to people, as far as you like.',
    query: `# Where the REST API prints
# "[Circular Reference]", this goes on.
# Add a level and run it: Ctrl-Enter.
query Tour {
  user(id: "USR-6375-2499") {
    name
    groups {
      nodes {
        name
        account {
          name
          buyers(first: 2) {
            totalCount
            nodes {
              name
              sellers { nodes { name } }
            }
          }
        }
        users {
          nodes {
            name
            currentAccount { name }
          }
        }
      }
    }
  }
}
`,
  },
  {
    title: 'N+1 that is not',
    about: 'Twenty accounts, their people, their groups, their modules: a handful of requests.',
    query: `# One by one, these would be hundreds
# of requests. Below the answer is how
# many it takes.
query ManyInFew {
  accounts(first: 20) {
    nodes {
      name
      type
      users(first: 5) {
        totalCount
        nodes {
          name
          groups {
            nodes {
              name
              modules { name }
            }
          }
        }
      }
    }
  }
}
`,
  },
  {
    title: 'Filters',
    about: 'Typed conditions, combined with and, or and not, become the query language of the upstream.',
    query: `# Conditions in one object hold
# together; "or" and "not" nest.
# Ctrl-Space completes.
query Filters($name: String!) {
  users(
    first: 10
    filter: {
      status: { in: [ACTIVE, INVITED] }
      or: [
        { name: { contains: $name } }
        { email: { contains: $name } }
      ]
      not: {
        currentAccount: {
          type: { eq: OPERATIONS }
        }
      }
    }
    orderBy: [{ field: NAME }]
  ) {
    totalCount
    nodes {
      name
      email
      status
      currentAccount { name type }
    }
  }
}
`,
    variables: `{
  "name": "an"
}
`,
  },
  {
    title: 'Paging',
    about: 'Relay connections: copy endCursor into the variables and run again for the next page.',
    query: `# For the next page, put endCursor
# into the variable "after".
query Paging($first: Int!, $after: String) {
  accounts(
    first: $first
    after: $after
    orderBy: [{ field: NAME, direction: DESC }]
  ) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    edges {
      cursor
      node {
        id
        name
        status
      }
    }
  }
}
`,
    variables: `{
  "first": 5,
  "after": null
}
`,
  },
  {
    title: 'Two upstreams in one graph',
    about: 'Accounts of Wavefront and the people of the marketplace behind them, joined by e-mail in one request.',
    query: `# Marketplace and Wavefront meet in a
# person's e-mail address.
query Join {
  wavefrontAccounts(first: 5) {
    nodes {
      id
      user {
        name
        currentAccount { name }
      }
      userGroups {
        nodes {
          name
          roles { nodes { name permissions } }
        }
      }
    }
  }
}
`,
  },
  {
    title: 'As a federation router asks',
    about: 'Entities of several types by their keys, one batch each; what is not there is null, the others are answered.',
    query: `# What a router sends, with the keys it
# knows. Of each type one request.
query Entities($representations: [_Any!]!) {
  _entities(representations: $representations) {
    ... on User {
      name
      currentAccount { name }
    }
    ... on Account { name type }
    ... on Group {
      name
      modules { name }
    }
  }
}
`,
    variables: `{
  "representations": [
    { "__typename": "User", "id": "USR-6375-2499" },
    { "__typename": "Account", "id": "ACC-1671-0642" },
    { "__typename": "Group", "id": "UGR-5116-6265" },
    { "__typename": "Group", "id": "UGR-5116-6565" }
  ]
}
`,
  },
  {
    title: 'A change and its errors',
    about: 'What the caller can put right comes as data, with its place in the input; here nothing is changed.',
    query: `# A group needs a name: give it one, and
# the sandbox makes the group.
mutation UserErrors($name: String!) {
  createGroup(
    input: { accountId: "ACC-1671-0642", name: $name }
  ) {
    group {
      id
      name
      account { name }
    }
    userErrors {
      message
      path
      code
    }
  }
}
`,
    variables: `{
  "name": ""
}
`,
  },
];
