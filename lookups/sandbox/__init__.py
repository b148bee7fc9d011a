"""A stand-in for graph.facebook.com: a real HTTP server, made of the standard library alone.

It shares nothing with the client that is tested against it: a mistake can't stand on both sides and pass.

Begin reading in `graph`: from a request to an answer. Around it, from the top down:

    __main__     the command line
    server       the listening sockets of one process
    connection   one client's connection
    control      orders of a test
    callbacks    requests that the sandbox sends
    graph        from a request to an answer
    wire         bytes and sockets; a stranger to graph
    faults       what goes wrong on demand
    api          what Graph answers
    world        businesses, apps, Pages, people, tokens

Others start it as a process (`python -m lookups.sandbox`); `management` calls `__main__.main`. Tests may use
`world` to know who is who.
"""
