# Three threads add up under a lock.
import threading
total = 0
lock = threading.Lock()
def work():
    global total
    for i in range(20):
        with lock:
            total += 1
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print("total", total)
