#!/usr/bin/env python3
"""A client that asks Sentinel where the master is, as redis-py's documentation shows it.

It does what `lab-client` does at an address, and tells it in the same lines:

    write SENTINELS MASTER KEY CONNECTIONS TIMEOUT PACE LIFE
    idle SENTINELS MASTER subscribe|blpop|pool COUNT

SENTINELS is a list of addresses with commas, all at port 26379; times are in milliseconds, PACE in
microseconds. Errors are met as the documentation leaves it to the application: by trying again.
"""

import os
import select
import sys
import threading
import time

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import MasterNotFoundError, Sentinel

# How long an answer may take, in seconds: the value of the documentation's example.
TIMEOUT = 0.1
# How long a client rests after it was refused, in seconds.
PACE = 0.01


def ask(sentinels, timeout=TIMEOUT):
    """Sentinels that are asked as the documentation shows it, but for two of redis-py's defaults.

    With those it spends 5 s on a connect, and ten tries on each Sentinel: a dead host, which has a
    Sentinel as well, would keep it away for a minute. Another Sentinel is the better second try.
    """
    limits = {"socket_timeout": timeout, "socket_connect_timeout": timeout}
    once = {"retry": Retry(NoBackoff(), 0)}
    return Sentinel(sentinels, sentinel_kwargs=limits | once, **limits)


def tell(line):
    os.write(1, (line + "\n").encode())


def now():
    return time.monotonic_ns()


def word(error):
    """One word for what went wrong, as `lab-client` says it."""
    if isinstance(error, MasterNotFoundError):
        return "no-master"
    if isinstance(error, redis.TimeoutError):
        return "timeout"
    if isinstance(error, redis.ReadOnlyError):
        return "readonly"
    if isinstance(error, redis.ConnectionError):
        return "refused" if "refused" in str(error).lower() else "reset"
    return str(error).split(" ")[0].lower() or "error"


class WritingSession:
    """A connection that sets one bit after the other, and those that take its place."""

    def __init__(self, sentinels, master, key, number, timeout, pace, life):
        self.client = ask(sentinels, timeout).master_for(master)
        self.key, self.number = f"{key}:{number}", number
        self.pace, self.life = pace, life
        self.count, self.last, self.told, self.is_told = 0, 0, 0, True
        self.opened = None

    def run(self):
        while True:
            try:
                self.write()
            except redis.RedisError as error:
                self.tell(f"failed {word(error)}")
                self.opened = None
                time.sleep(0.001)
                continue
            if self.pace:
                time.sleep(self.pace)

    def write(self):
        if self.life and self.opened and now() - self.opened > self.life:
            self.client.connection_pool.disconnect()
            self.opened = None
        self.client.setbit(self.key, self.count, 1)
        stamp = now()
        if self.opened is None:
            self.opened = stamp
            address = self.client.connection_pool.master_address[0]
            self.tell(f"opened {address.replace(':', '.').split('.')[-1]}")
        if stamp - self.last > 2_000_000:
            self.tell_last()
        self.count, self.last, self.is_told = self.count + 1, stamp, False
        if stamp - self.told >= 2_000_000:
            self.tell_last()

    def tell_last(self):
        if self.is_told:
            return
        self.is_told, self.told = True, self.last
        tell(f"{self.number} {self.last} acknowledged {self.count}")

    def tell(self, text):
        self.tell_last()
        self.told = 0
        tell(f"{self.number} {now()} {text}")


class Waiting:
    """A client that waits for a message or an element, with no time-out on that."""

    def __init__(self, sentinels, master, wait, index):
        sentinel = ask(sentinels)
        self.client = sentinel.master_for(master, socket_timeout=None)
        # Whatever serves it must say in time what it is.
        self.asking = sentinel.master_for(master)
        self.wait, self.index = wait, index

    def note(self, what, role="-"):
        tell(f"{what} {self.wait} {self.index} {now()} {role}")

    def run(self):
        while True:
            served = False
            try:
                role = "master" if self.asking.role()[0] in ("master", b"master") else "other"
                if self.wait == "subscribe":
                    listener = self.client.pubsub()
                    listener.subscribe(f"idle-{self.index}")
                    for message in listener.listen():
                        if message["type"] == "subscribe":
                            self.note("served", role)
                            served = True
                else:
                    self.client.ping()
                    self.note("served", role)
                    served = True
                    self.client.blpop(f"idle-{self.index}", 0)
            except redis.RedisError:
                if served:
                    self.note("lost")
            time.sleep(PACE)


class Pool:
    """Connections that are open and do nothing; each is replaced when it is seen to have ended."""

    def __init__(self, sentinels, master, count):
        self.pool = ask(sentinels).master_for(master, max_connections=count).connection_pool
        self.closed = list(range(count))
        self.open = {}
        self.poll = select.poll()

    def run(self):
        while True:
            for index in self.closed[:]:
                if not self.connect(index):
                    # Nobody to connect to: the others would learn no more than this one.
                    time.sleep(PACE)
                    break
            for descriptor, _ in self.poll.poll(1 if self.closed else 20):
                self.lose(descriptor)

    def connect(self, index):
        connection = None
        try:
            connection = self.pool.get_connection()
            connection.send_command("ROLE")
            role = connection.read_response()[0]
        except redis.RedisError:
            if connection:
                connection.disconnect()
                self.pool.release(connection)
            return False
        descriptor = connection._sock.fileno()
        self.open[descriptor] = (index, connection)
        self.poll.register(descriptor, select.POLLIN)
        self.closed.remove(index)
        tell(f"served pool {index} {now()} {'master' if role in ('master', b'master') else 'other'}")
        return True

    def lose(self, descriptor):
        # Nothing was asked, so whatever can be read is the end.
        index, connection = self.open.pop(descriptor)
        self.poll.unregister(descriptor)
        connection.disconnect()
        self.pool.release(connection)
        self.closed.append(index)
        tell(f"lost pool {index} {now()} -")


def main():
    mode, sentinels, master, *rest = sys.argv[1:]
    sentinels = [(address, 26379) for address in sentinels.split(",")]
    tell("ready")
    if mode == "write":
        key, connections, timeout, pace, life = rest[0], *map(int, rest[1:])
        clients = [
            WritingSession(
                sentinels, master, key, number, timeout / 1000, pace / 1e6, life * 1_000_000
            )
            for number in range(connections)
        ]
    elif rest[0] == "pool":
        clients = [Pool(sentinels, master, int(rest[1]))]
    else:
        clients = [Waiting(sentinels, master, rest[0], index) for index in range(int(rest[1]))]
    for client in clients[1:]:
        threading.Thread(target=client.run, daemon=True).start()
    clients[0].run()


main()
