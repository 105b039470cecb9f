"""Requests: links under which other people send this owner sealed answers (docs/spec/request.md).

    plan = plan_request("the staging key", terms, origin=origin, owner=owner, entropy=os.urandom)
    make_request(client, plan)          # the link works from here on: plan.link
    answer = take(client, owned, receipt)

`identity` derives keys and proofs, `link` is the link, `sheet` what the owner asks for, `answer` the sealed answer,
`plan` and `owned` are the owner's side, `sending` is the side of the person who answers.
"""
