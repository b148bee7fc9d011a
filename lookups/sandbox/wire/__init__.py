"""Bytes and sockets: reading HTTP, writing answers, the port and its TLS, latency, broken connections.

Begin reading in `http`. May call: `faults`, for the answers that it writes. It does not know what Graph answers.
Others may use: `http.Stream`, `Message` and `written`, `breaking`, `listening`, `port.Port`, `secured.Secured`,
`latency.Latency`.
"""
