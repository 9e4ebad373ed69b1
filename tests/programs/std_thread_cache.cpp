/* C++: a cache looks up and inserts under two locks of one std::mutex; two std::threads compute the same value.
 * race: explore --max-executions 200
 * expect: assert within 20
 */
#include <cassert>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

static std::mutex lock;
static std::map<int, int> cache;
static int ncomputed;

static std::optional<int> cache_find(int key)
{
	std::lock_guard<std::mutex> guard(lock);
	auto found = cache.find(key);
	return found == cache.end() ? std::nullopt : std::optional<int>(found->second);
}

static int cache_get(int key)
{
	if (auto found = cache_find(key))
		return *found;
	std::lock_guard<std::mutex> guard(lock);
#ifdef FIXED
	auto again = cache.find(key);
	if (again != cache.end())
		return again->second;
#endif
	ncomputed++;
	return cache[key] = key * key;
}

static void use()
{
	assert(cache_get(7) == 49);
}

int main()
{
	std::thread one(use), two(use);
	one.join();
	two.join();
	assert(ncomputed == 1);
	return 0;
}
