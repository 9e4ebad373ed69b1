/* What a C++ program uses of the standard library to run things side by side. Its output is the same in every order.
 * output:
 * static made once: 1, at attempt 2
 * queue: 6 items, sum 21
 * futures: 10 20 30
 * exception: thread 3 failed
 * call_once: 1 after 2 attempts
 * shared: 4 readers saw 2 versions or fewer
 * latch and barrier: 3 threads, 2 phases
 * semaphore: at most 2 at once
 * atomic wait: 5
 * timed: timeout, no_timeout
 * stopped: yes
 * thread_local destructors: 8
 */
#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <future>
#include <latch>
#include <memory>
#include <mutex>
#include <queue>
#include <random>
#include <semaphore>
#include <set>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

static std::atomic<int> ndestroyed, nmade, nattempts;

struct Farewell {
	~Farewell() { ndestroyed++; }
	int value = 0;
};

static thread_local Farewell farewell;

/* The first attempt throws, and leaves the static to whoever comes next. */
struct Singleton {
	Singleton()
	{
		std::this_thread::yield();
		if (++nattempts == 1)
			throw 1;
		nmade++;
	}
};

static Singleton &singleton()
{
	static Singleton only;
	return only;
}

template <typename Work> static void run(int nthreads, Work work)
{
	std::vector<std::thread> threads;
	for (int i = 0; i < nthreads; i++)
		threads.emplace_back(work, i);
	for (auto &thread : threads)
		thread.join();
}

static void statics()
{
	run(2, [](int) {
		farewell.value = 1;
		try {
			singleton();
		} catch (int) {
			singleton();
		}
	});
	std::printf("static made once: %d, at attempt %d\n", nmade.load(), nattempts.load());
}

class Queue {
public:
	void put(int item)
	{
		std::lock_guard lock(mutex);
		items.push(item);
		filled.notify_one();
	}

	int take()
	{
		std::unique_lock lock(mutex);
		filled.wait(lock, [this] { return !items.empty(); });
		int item = items.front();
		items.pop();
		return item;
	}

private:
	std::mutex mutex;
	std::condition_variable filled;
	std::queue<int> items;
};

static void queue()
{
	Queue queue;
	std::atomic<int> sum = 0, count = 0;

	run(4, [&](int i) {
		for (int j = 0; j < 3; j++) {
			if (i < 2) {
				queue.put(i * 3 + j + 1);
			} else {
				sum += queue.take();
				count++;
			}
		}
	});
	std::printf("queue: %d items, sum %d\n", count.load(), sum.load());
}

static void futures()
{
	auto slow = [](int value) {
		std::this_thread::sleep_for(std::chrono::milliseconds(value));
		return value;
	};
	auto one = std::async(std::launch::async, slow, 10);
	auto two = std::async(std::launch::deferred, slow, 20);
	std::promise<int> promise;
	auto three = promise.get_future();
	std::thread keeper([&] { promise.set_value_at_thread_exit(slow(30)); });
	std::printf("futures: %d %d %d\n", one.get(), two.get(), three.get());
	keeper.join();
}

static void exceptions()
{
	auto failing = std::async(std::launch::async, [](int number) -> int {
		auto held = std::make_unique<std::string>("thread ");
		throw std::runtime_error(*held + std::to_string(number) + " failed");
	}, 3);

	try {
		failing.get();
	} catch (const std::runtime_error &error) {
		std::printf("exception: %s\n", error.what());
	}
}

/* The first attempt throws: the second thread, or the first again, has to try. */
static void once()
{
	std::once_flag flag;
	int nattempts = 0, nsuccesses = 0;

	run(2, [&](int) {
		for (;;) {
			try {
				std::call_once(flag, [&] {
					std::this_thread::yield();
					if (++nattempts == 1)
						throw 1;
					nsuccesses++;
				});
				return;
			} catch (int) {
			}
		}
	});
	std::printf("call_once: %d after %d attempts\n", nsuccesses, nattempts);
}

static void shared()
{
	std::shared_mutex mutex;
	std::mutex seen_mutex;
	std::set<int> seen;
	int version = 0;

	run(5, [&](int i) {
		if (i == 4) {
			std::unique_lock lock(mutex);
			version++;
			return;
		}
		std::shared_lock lock(mutex);
		std::scoped_lock seen_lock(seen_mutex);
		seen.insert(version);
	});
	std::printf("shared: 4 readers saw %d versions or fewer\n", std::max<int>(2, seen.size()));
}

static void phases()
{
	std::latch ready(3);
	std::atomic<int> phase = 0;
	std::barrier meeting(3, [&]() noexcept { phase++; });

	run(3, [&](int) {
		ready.arrive_and_wait();
		meeting.arrive_and_wait();
		meeting.arrive_and_wait();
	});
	std::printf("latch and barrier: 3 threads, %d phases\n", phase.load());
}

static void semaphore()
{
	std::counting_semaphore<2> places(2);
	std::atomic<int> inside = 0, most = 0;

	run(4, [&](int) {
		places.acquire();
		int now = ++inside;
		for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);)
			;
		std::this_thread::yield();
		inside--;
		places.release();
	});
	std::printf("semaphore: at most %d at once\n", std::max(2, most.load()));
}

static void atomic_wait()
{
	std::atomic<int> value = 0;
	std::thread setter([&] {
		value = 5;
		value.notify_all();
	});

	value.wait(0);
	std::printf("atomic wait: %d\n", value.load());
	setter.join();
}

static const char *name_of(std::cv_status status)
{
	return status == std::cv_status::timeout ? "timeout" : "no_timeout";
}

static void timed()
{
	std::mutex mutex;
	std::condition_variable_any changed;
	std::unique_lock lock(mutex);
	bool done = false;
	auto begin = std::chrono::steady_clock::now();
	auto first = changed.wait_for(lock, 20ms);
	auto passed = std::chrono::steady_clock::now() - begin;
	std::thread setter([&] {
		std::scoped_lock inner(mutex);
		done = true;
		changed.notify_all();
	});

	while (!done)
		changed.wait_for(lock, 1h);
	lock.unlock();
	setter.join();
	std::printf("timed: %s, %s\n", passed >= 20ms ? name_of(first) : "early", done ? "no_timeout" : "timeout");
}

static void stopped()
{
	std::mutex mutex;
	std::condition_variable_any never;
	bool seen = false;
	{
		std::jthread waiter([&](std::stop_token token) {
			std::unique_lock lock(mutex);
			seen = !never.wait(lock, token, [] { return false; });
		});
		std::random_device device;
		std::mt19937 generator(device());
		std::this_thread::sleep_for(std::chrono::microseconds(generator() % 1000));
	}
	std::printf("stopped: %s\n", seen ? "yes" : "no");
}

int main()
{
	statics();
	queue();
	futures();
	exceptions();
	once();
	shared();
	phases();
	semaphore();
	atomic_wait();
	timed();
	stopped();
	run(6, [](int i) { farewell.value = i; });
	std::printf("thread_local destructors: %d\n", ndestroyed.load());
	return 0;
}
