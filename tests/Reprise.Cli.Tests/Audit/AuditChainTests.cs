using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Reprise.Cli.Audit;
using Reprise.KeyProtocol.V1;
using Reprise.KeyProtocol.Wire;

namespace Reprise.Cli.Tests.Audit;

public sealed class AuditChainTests
{
    // Computed by Python's hashlib from what key_admin.proto says.
    [Fact]
    public void HashOf_KnownEntries_IsAsTheProtoSays()
    {
        var entries = Written(2);
        Assert.Equal("a2c17df515e643dbed3e5892c42b02516a3bab0671050caa152cf7e674dbe56d", Convert.ToHexStringLower(AuditHash.Of(entries[0])));
        Assert.Equal("787ef9489c3a2a2e313cc5a8f57c9a3550e0e5ab5c581ca45cc73d36a040b11a", Convert.ToHexStringLower(AuditHash.Of(entries[1])));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Add_OfWhatWasWritten_FollowsFromWhereverItBegins(int begin)
    {
        var chain = new AuditChain();
        Assert.All(Written(6)[begin..], entry => Assert.Null(chain.Add(entry)));
        Assert.Equal((begin + 1, 6), (chain.From, chain.To));
    }

    [Theory]
    [InlineData("service")]
    [InlineData("actor")]
    [InlineData("action")]
    [InlineData("target")]
    [InlineData("result")]
    [InlineData("detail")]
    [InlineData("at")]
    public void Add_OfOneThatWasChanged_NamesIt(string field)
    {
        var entries = Written(4);
        var changed = entries[2];
        if (field == "at")
            changed.At.Nanos += 1_000_000;
        else
            AuditEntry.Descriptor.FindFieldByName(field).Accessor.SetValue(changed, "other");

        Assert.Equal("entry 3 does not say what its hash was made of", FirstFault(entries));
    }

    // Moving a character from one field to the next must not go unseen.
    [Fact]
    public void Add_OfTextsThatRunTogether_IsSeen()
    {
        var entries = Written(1);
        (entries[0].Action, entries[0].Target) = (entries[0].Action + entries[0].Target, "");
        Assert.NotNull(FirstFault(entries));
    }

    [Fact]
    public void Add_AfterAGap_NamesWhatIsMissing()
    {
        Assert.Equal("entry 3 is missing", FirstFault([.. Written(6).Where(entry => entry.Sequence != 3)]));
        Assert.Equal("entries 3 to 5 are missing", FirstFault([.. Written(6).Where(entry => entry.Sequence is < 3 or > 5)]));
    }

    [Fact]
    public void Add_OfOneThatCameBefore_NamesIt()
    {
        var entries = Written(3);
        Assert.Equal("entry 2 comes after entry 3", FirstFault([entries[0], entries[1], entries[2], entries[1]]));
    }

    // Who forges an entry with a right hash of its own has to carry on, and the next entry tells.
    [Fact]
    public void Add_AfterAForgedEntry_NamesTheNext()
    {
        var entries = Written(3);
        entries[1].Actor = "admin/nobody";
        entries[1].Hash = ByteString.CopyFrom(AuditHash.Of(entries[1]));

        Assert.Equal("entry 3 does not follow entry 2: it carries on another hash", FirstFault(entries));
    }

    [Fact]
    public void Add_OfAFirstThatCarriesOnAHash_NamesIt()
    {
        var entry = Written(1)[0];
        entry.PreviousHash = ByteString.CopyFrom(Enumerable.Repeat((byte)1, 32).ToArray());
        entry.Hash = ByteString.CopyFrom(AuditHash.Of(entry));

        Assert.Contains("entry 1 carries on a hash", FirstFault([entry]), StringComparison.Ordinal);
    }

    /// <summary>Entries as a key service writes them; the first two are those of the known hashes.</summary>
    internal static List<AuditEntry> Written(int count)
    {
        var entries = new List<AuditEntry>();
        for (var i = 1; i <= count; i++)
        {
            var entry = i == 1
                ? New(1795514400123, "keys-1", "admin/anna", "revoke", "7", "ok", "2 nodes, 4.5 ms; ü")
                : New(1795514399000 + (1000 * i), "keys-2", "schedule", "rotate", $"{6 + i}", "laggards", "");
            entry.Sequence = i;
            entry.PreviousHash = i == 1 ? ByteString.CopyFrom(new byte[32]) : entries[^1].Hash;
            entry.Hash = ByteString.CopyFrom(AuditHash.Of(entry));
            entries.Add(entry);
        }

        return entries;

        static AuditEntry New(long at, string service, string actor, string action, string target, string result, string detail) => new()
        {
            At = Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(at)),
            Service = service,
            Actor = actor,
            Action = action,
            Target = target,
            Result = result,
            Detail = detail,
        };
    }

    private static string? FirstFault(IReadOnlyList<AuditEntry> entries)
    {
        var chain = new AuditChain();
        return entries.Select(chain.Add).FirstOrDefault(fault => fault is not null);
    }
}
