using System.Security.Cryptography;
using Reprise.Core.Sessions;
using static Reprise.Core.Tests.Sessions.SessionFixtures;

namespace Reprise.Core.Tests.Sessions;

public sealed class SessionKeyTests
{
    [Fact]
    public void OfSessionId_AnyId_IsATruncatedHashInAHashTag() => Assert.Equal(
        $"reprise:s:{{{Convert.ToHexStringLower(SHA256.HashData(Handle))[..32]}}}",
        SessionKey.OfSessionId(Handle).Text);

    [Fact]
    public void OfSessionId_AnyLength_HasAKeyOfItsOwn()
    {
        var keys = Enumerable.Range(0, 33).Select(length => SessionKey.OfSessionId(Handle.AsSpan(0, length))).ToList();

        Assert.Equal(33, keys.Distinct().Count());
        Assert.All(keys, key => Assert.Equal(44, key.Text.Length));
    }

    // A session ID is seen by everybody on the way. If it led to the same place as a handle, whoever saw one could offer it
    // in TLS 1.3, where looking up is taking, and the session would be gone.
    [Fact]
    public void OfHandle_BytesOfASessionId_IsAnotherPlace()
    {
        Assert.NotEqual(SessionKey.OfSessionId(Handle), SessionKey.OfHandle(Handle));
        Assert.StartsWith("reprise:s:{", SessionKey.OfHandle(Handle).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Equals_SameHandle_IsTrue()
    {
        Assert.Equal(SessionKey.OfHandle(Handle), SessionKey.OfHandle(Handle));
        Assert.NotEqual(SessionKey.OfHandle(Handle), SessionKey.OfHandle(Filled(32, 8)));
        Assert.Equal(SessionKey.OfHandle(Handle).Text, SessionKey.OfHandle(Handle).ToString());
    }
}
