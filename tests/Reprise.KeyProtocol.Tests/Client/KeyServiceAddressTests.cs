using Reprise.KeyProtocol.Client;

namespace Reprise.KeyProtocol.Tests.Client;

public sealed class KeyServiceAddressTests
{
    [Theory]
    [InlineData("https://127.0.0.1:7001", "127.0.0.1", 7001)]
    [InlineData("https://keyservice:7001/", "keyservice", 7001)]
    [InlineData("keyservice:7001", "keyservice", 7001)]
    [InlineData("[::1]:7001", "[::1]", 7001)]
    [InlineData("https://keyservice:443", "keyservice", 443)]
    public void TryParse_Address_IsRead(string text, string host, int port)
    {
        Assert.True(KeyServiceAddress.TryParse(text, out var address));
        Assert.Equal((host, port), (address.Host, address.Port));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("keyservice")]
    [InlineData("https://keyservice")]
    [InlineData("http://keyservice:7001")]
    [InlineData("https://user@keyservice:7001")]
    [InlineData("https://keyservice:7001/path")]
    [InlineData("https://keyservice:7001?x=1")]
    [InlineData("https://keyservice:0")]
    [InlineData("https://keyservice:70000")]
    [InlineData("::1:7001")]
    [InlineData("a b:7001")]
    public void TryParse_AnythingElse_IsRefused(string? text) => Assert.False(KeyServiceAddress.TryParse(text, out _));
}
