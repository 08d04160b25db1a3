"""Programs that a hostile machine runs, as texts for its python3, and the peer that goes on asking meanwhile."""

# What they have in common: argv[1] is HOST:PORT.
COMMON = """
import json, os, select, socket, struct, sys, time
import zmq
HOST, PORT = sys.argv[1].rsplit(":", 1)

def connect():
    one = socket.socket()
    one.settimeout(10)
    one.connect((HOST, int(PORT)))
    return one

GREETING = b"\\xff" + bytes(8) + b"\\x7f\\x03\\x00"

def greeting(mechanism):
    return GREETING + mechanism.ljust(20, b"\\0") + bytes(32)

def is_ended(one, seconds=0.0):
    ends = time.monotonic() + seconds
    while True:
        readable, _, _ = select.select([one], [], [], max(0, ends - time.monotonic()))
        if not readable:
            return False
        try:
            if not one.recv(4096, socket.MSG_DONTWAIT):
                return True
        except OSError:
            return True

READY = b"\\5READY\\x0bSocket-Type" + struct.pack(">I", 6) + b"DEALER"
HANDSHAKE = greeting(b"NULL") + b"\\4" + bytes([len(READY)]) + READY

def null_peer():
    \"\"\"A connection that has shaken hands at a plain endpoint.\"\"\"
    one = connect()
    one.sendall(HANDSHAKE)
    answer = b""
    while b"READY" not in answer:
        part = one.recv(4096)
        assert part, "no handshake"
        answer += part
    return one
"""

# Asks for A without a pause until standard input ends; prints how often, and its latencies in ms. argv[2:]: the
# server's public key and a secret certificate's keys, for CURVE.
ASKING = COMMON + """
context = zmq.Context()
asking = context.socket(zmq.REQ)
asking.setsockopt(zmq.LINGER, 0)
asking.setsockopt(zmq.RCVTIMEO, 20000)
if len(sys.argv) > 2:
    asking.curve_serverkey, asking.curve_publickey, asking.curve_secretkey = (key.encode() for key in sys.argv[2:5])
asking.connect(f"tcp://{HOST}:{PORT}")
took = []
while True:
    begun = time.monotonic()
    asking.send(b'{"message_type":"LookupActor","actor_name":"A"}')
    assert asking.recv_json()["message_type"] == "LookupResult"
    took.append((time.monotonic() - begun) * 1000)
    if len(took) == 1:
        print("asking", flush=True)
    if select.select([sys.stdin], [], [], 0)[0]:
        break
took.sort()
print(json.dumps({"lookups": len(took), "p50": took[len(took) // 2], "p99": took[len(took) * 99 // 100], "worst": took[-1]}))
"""

# argv[2] connections in slices of 400, each slice held open until the next has come. Says how many live at the end.
# They shake hands, since who doesn't is ended for that alone.
FLOOD = COMMON + """
left = int(sys.argv[2])
before, latest = [], []
while left:
    for one in before:
        one.close()
    before, latest = latest, []
    for _ in range(min(400, left)):
        try:
            latest.append(connect())
            latest[-1].sendall(HANDSHAKE)
        except OSError:
            pass
        left -= 1
time.sleep(0.1)
held = before + latest
ends = time.monotonic() + 20
while time.monotonic() < ends and sum(not is_ended(one) for one in held) > 64:
    time.sleep(0.1)
print(sum(not is_ended(one) for one in held))
"""

# Sends lookups for argv[2] seconds, many under way; prints whether any stayed unanswered.
CHATTER = COMMON + """
chatter = zmq.Context().socket(zmq.DEALER)
chatter.setsockopt(zmq.LINGER, 0)
chatter.connect(f"tcp://{HOST}:{PORT}")
ends = time.monotonic() + float(sys.argv[2])
sent = answered = 0
while time.monotonic() < ends:
    for _ in range(100):
        chatter.send(b'{"message_type":"LookupActor","actor_name":"A"}')
        sent += 1
    while chatter.poll(0):
        chatter.recv()
        answered += 1
    if sent - answered > 900:
        chatter.poll(50)
while chatter.poll(1000):
    chatter.recv()
    answered += 1
print(answered < sent)
"""

# 60 handshakes that stop at different places. Says how many were ended within 20 s.
SLOW = COMMON + """
slow = []
for number in range(60):
    one = connect()
    one.sendall(greeting(b"CURVE" if number % 2 else b"NULL")[:number])
    slow.append(one)
ends = time.monotonic() + 20
ended = 0
while slow and time.monotonic() < ends:
    ended += sum(is_ended(one) for one in slow)
    slow = [one for one in slow if not is_ended(one)]
    time.sleep(0.05)
print(60 - len(slow))
"""

# Records what a trusted client sends through a proxy, and sends it again, whole and cut off at many places.
REPLAY = COMMON + """
import threading
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(1)
recorded = bytearray()

def carry():
    inner, _ = listener.accept()
    outer = connect()
    while True:
        for one in select.select([inner, outer], [], [])[0]:
            part = one.recv(65536)
            if not part:
                return
            if one is inner:
                recorded.extend(part)
            (outer if one is inner else inner).sendall(part)

threading.Thread(target=carry, daemon=True).start()
client = zmq.Context().socket(zmq.REQ)
client.setsockopt(zmq.LINGER, 0)
client.setsockopt(zmq.RCVTIMEO, 10000)
client.curve_serverkey, client.curve_publickey, client.curve_secretkey = (key.encode() for key in sys.argv[2:5])
client.connect("tcp://127.0.0.1:%d" % listener.getsockname()[1])
def ask(**request):
    client.send_json(request)
    return client.recv_json()
assert ask(message_type="RegisterActor", manager_id="M", actor_name="Replayed", actor_endpoint="tcp://h:1")["message_type"] == "RegistrationOk"
taken = bytes(recorded)
assert ask(message_type="UnregisterActor", actor_name="Replayed")["message_type"] == "RegistrationOk"
ended = 0
for size in [len(taken)] * 5 + list(range(0, len(taken), max(1, len(taken) // 40))):
    again = connect()
    again.sendall(taken[:size])
    if size == len(taken):
        ended += is_ended(again, 8)
    else:
        again.close()
found = ask(message_type="LookupActor", actor_name="Replayed")
print(json.dumps([ended, found["endpoint"]]))
"""

# Frames that announce more than they may, messages of many frames, and one that does not end, on a plain endpoint.
GIANTS = COMMON + """
said = {}
giant = null_peer()
giant.sendall(b"\\2" + struct.pack(">Q", 1 << 40) + b"x" * 1000)
said["giant frame ended"] = is_ended(giant, 10)
large = null_peer()
try:
    large.sendall(b"\\2" + struct.pack(">Q", (1 << 20) + 1) + bytes(1 << 20))
except OSError:
    pass
said["large frame ended"] = is_ended(large, 10)
many = null_peer()
many.sendall(b"\\1\\1x" * 5000 + b"\\0\\1x")
many.settimeout(10)
said["many frames"] = "too_large" in many.recv(4096).decode(errors="replace")
endless = null_peer()
for _ in range(50):
    endless.sendall(b"\\3" + struct.pack(">Q", 1 << 20) + bytes(1 << 20))
endless.close()
print(json.dumps(said))
"""

# One connection after the other that speaks nonsense.
NONSENSE = COMMON + """
for number in range(300):
    one = connect()
    one.sendall(os.urandom(200) if number % 2 else greeting(b"NULL") + os.urandom(100))
    one.close()
print("done")
"""
