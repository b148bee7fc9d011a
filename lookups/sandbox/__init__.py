"""A stand-in for graph.facebook.com: a real HTTP server, of the standard library only.

Shares nothing with the client it is there to test, so that no mistake can stand on both sides and pass.
"""
