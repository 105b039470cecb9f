"""Where models run: on this device, or blended with the endpoint that the owner set.

    choices = Choices.read(home)
    choices.is_blended("titles", endpoint)      # chosen, and for this endpoint
    found = asking.ask(subject, piece_id, models, open_chat)

Every model runs on this device. `blendable` lists the models that may also ask the endpoint, and what they send;
`choices` holds the owner's choices, `asking` asks, and `listing` makes the table of `satchel processing`.
"""
