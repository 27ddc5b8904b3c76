"""When to poll: a source's rhythm learned from its own history, and a budget of polls placed where publication is likely. Pure.

A poll is worth what it spares: the time that items would otherwise wait to be seen. For a locally constant rate λ and a price
of a poll of μ item-minutes, the best interval is √(2μ/λ), so that polls lie as densely as the square root of the rate (Wolf et
al., "Optimal crawling strategies for web search engines", WWW 2002; Azar et al., "Tractable near-optimal policies for
crawling", PNAS 2018). `plan` finds the exact optimum of the same trade for any rate. One price for all sources shares a budget
over them in the best way.
"""
