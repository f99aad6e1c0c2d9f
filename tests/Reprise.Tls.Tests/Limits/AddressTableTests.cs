using System.Net;

namespace Reprise.Tls.Tests.Limits;

public sealed class AddressTableTests
{
    private static readonly ulong s_one = AddressTable.KeyOf(IPAddress.Parse("192.0.2.1"));
    private static readonly ulong s_other = AddressTable.KeyOf(IPAddress.Parse("192.0.2.2"));

    [Fact]
    public void KeyOf_Ipv6_IsTheNetworkOf64Bits()
    {
        Assert.Equal(Key("2001:db8:0:1::1"), Key("2001:db8:0:1:ffff:ffff:ffff:ffff"));
        Assert.NotEqual(Key("2001:db8:0:1::1"), Key("2001:db8:0:2::1"));
        Assert.NotEqual(Key("::1"), s_one);

        static ulong Key(string address) => AddressTable.KeyOf(IPAddress.Parse(address));
    }

    [Fact]
    public void Enter_ConnectionsOfOneAddress_AreLimitedUntilOneLeaves()
    {
        var table = new AddressTable(connections: 2, rate: 0, capacity: 1000);

        Assert.Equal([null, null, ConnectionRefusal.TooManyConnections], Enter(table, s_one, 0, 3));
        Assert.Null(Assert.Single(Enter(table, s_other, 0, 1)));
        table.Leave(s_one, 0);
        Assert.Equal([null, ConnectionRefusal.TooManyConnections], Enter(table, s_one, 0, 2));
    }

    [Fact]
    public void Enter_RateOfOneAddress_IsATokenBucketOfASecond()
    {
        var table = new AddressTable(connections: 0, rate: 4, capacity: 1000);

        Assert.Equal([null, null, null, null, ConnectionRefusal.TooFast], Enter(table, s_one, 0, 5));
        Assert.Equal([null, ConnectionRefusal.TooFast], Enter(table, s_one, 250, 2)); // a quarter of a second: one more
        Assert.Equal([null, null, null, null, ConnectionRefusal.TooFast], Enter(table, s_one, 60_000, 5)); // never more than a second's
        Assert.Null(Assert.Single(Enter(table, s_other, 250, 1)));
    }

    [Fact]
    public void Leave_LastConnection_AddressIsForgotten()
    {
        var table = new AddressTable(connections: 2, rate: 0, capacity: 1000);
        Enter(table, s_one, 0, 2);

        table.Leave(s_one, 0);
        Assert.Equal(1, table.Count);
        table.Leave(s_one, 0);
        Assert.Equal(0, table.Count);
    }

    [Fact]
    public void Enter_MoreAddressesThanItKeeps_AreNotLimitedAndRoomIsMadeLater()
    {
        var table = new AddressTable(connections: 1, rate: 10, capacity: 64);
        for (uint address = 0; address < 10_000; address++)
        {
            Assert.Null(table.Enter(0xffff_0000_0000UL | address, 0, out var counted));
            if (counted && address % 2 == 0)
                table.Leave(0xffff_0000_0000UL | address, 0); // its bucket is not full: not forgotten at once
        }

        Assert.InRange(table.Count, 1, 64);

        var kept = 0;
        for (uint address = 20_000; address < 20_100; address++)
        {
            table.Enter(0xffff_0000_0000UL | address, 5_000, out var counted);
            kept += counted ? 1 : 0;
        }

        Assert.InRange(kept, 1, 64);
        Assert.InRange(table.Count, 1, 64);
    }

    [Fact]
    public void Enter_FromManyThreads_CountsExactly()
    {
        var table = new AddressTable(connections: 100, rate: 0, capacity: 1000);
        var entered = 0;

        Parallel.For(0, 1000, _ =>
        {
            if (table.Enter(s_one, 0, out var counted) is null && counted)
                Interlocked.Increment(ref entered);
        });

        Assert.Equal(100, entered);
    }

    private static List<ConnectionRefusal?> Enter(AddressTable table, ulong key, long now, int times) =>
        [.. Enumerable.Range(0, times).Select(_ => table.Enter(key, now, out var _))];
}
