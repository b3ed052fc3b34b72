"""The stations' doors: sockets, presence and the queue of calls to each station."""
