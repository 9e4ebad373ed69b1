/* Sums squares on an OpenMP team. libgomp's barriers spin on inline atomics, then use futexes. Prints 333283335000. */
#include <stdio.h>

int main(void)
{
	long long sum = 0;

#pragma omp parallel for reduction(+ : sum) num_threads(3) schedule(dynamic, 1000)
	for (int i = 0; i < 10000; i++)
		sum += (long long)i * i;
	printf("%lld\n", sum);
	return sum == 333283335000LL ? 0 : 1;
}
