"""The product for an agent outside, over the Model Context Protocol: few tools, the same loop, and a hold-out that stays here."""
