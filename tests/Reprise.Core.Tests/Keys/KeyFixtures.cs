using Reprise.Core.Keys;

namespace Reprise.Core.Tests.Keys;

internal static class KeyFixtures
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);
    public static readonly EpochLifetimes Lives = new(TimeSpan.FromHours(12), TimeSpan.FromHours(24));

    public static EpochLedger Begin() => EpochLedger.Begin(Start, Lives, EpochSecret.Create());

    public static EpochLedger Stage(this EpochLedger ledger, DateTimeOffset now) => ledger.Stage(now, Lives, EpochSecret.Create());

    public static EpochLedger Activate(this EpochLedger ledger, DateTimeOffset now) => ledger.Activate(now, now + Delay, Lives);

    public static byte[] Bytes(this EpochSecret secret)
    {
        var bytes = new byte[EpochSecret.Length];
        secret.CopyTo(bytes);
        return bytes;
    }

    public static bool IsDisposed(this EpochSecret secret)
    {
        try
        {
            secret.CopyTo(new byte[EpochSecret.Length]);
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }
}
