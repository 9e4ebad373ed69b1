#!/usr/bin/perl
# The shop in Perl: DBI on PostgreSQL, two workers that were forked before, as starman and others do.
#
# usage: shop.pl PORT      SHOP_DBI names the database as DBI does; FIXED in the environment mends it
use strict;
use warnings;
use DBI;
use IO::Socket::INET;

sub fulfill {
	my $db = shift;
	if ($ENV{FIXED}) {
		return 0 if $db->do("UPDATE orders SET status = 'fulfilled' WHERE id = 1 AND status = 'pending'") == 0;
	} else {
		my ($status) = $db->selectrow_array("SELECT status FROM orders WHERE id = 1");
		return 0 if $status ne 'pending';
		$db->do("UPDATE orders SET status = 'fulfilled' WHERE id = 1");
	}
	$db->do("INSERT INTO shipments (order_id) VALUES (1)");
	return 1;
}

sub answer {
	my $client = shift;
	my $length = 0;
	while (defined(my $line = <$client>)) {
		$length = $1 if $line =~ /^content-length:\s*(\d+)/i;
		last if $line =~ /^\r?\n$/;
	}
	read($client, my $input, $length) if $length;
	my $db = DBI->connect($ENV{SHOP_DBI}, 'shop', '', {RaiseError => 1, AutoCommit => 0});
	my $body = fulfill($db) ? '{"fulfilled": true}' : '{"fulfilled": false}';
	$db->commit;
	$db->disconnect;
	print $client "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
	close($client);
}

my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 16, ReuseAddr => 1)
	or die "listen: $!";
my @workers;
$SIG{TERM} = sub { kill 'TERM', @workers; exit 0 };
for (1 .. 2) {
	my $pid = fork;
	if ($pid == 0) {
		$SIG{TERM} = 'DEFAULT';
		while (my $client = $server->accept) { answer($client) }
		exit 0;
	}
	push @workers, $pid;
}
waitpid($_, 0) for @workers;
