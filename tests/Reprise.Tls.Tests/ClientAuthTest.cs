using System.Text.RegularExpressions;
using Reprise.Testing;

namespace Reprise.Tls.Tests;

/// <summary>What tests of client authentication begin with: clients of all kinds, and profiles that verify them.</summary>
public abstract partial class ClientAuthTest : TlsTest
{
    protected ClientAuthTest() => Clients = new ClientPki(Files.File("clients"));

    private protected ClientPki Clients { get; }

    public override void Dispose()
    {
        Clients.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected TlsClientAuth Verify(ClientAuthMode mode, string? authorities = null, int depth = 1, string? lists = null) => new()
    {
        Mode = mode,
        Authorities = Read(authorities ?? Clients.Authorities),
        Depth = depth,
        RevocationLists = lists is null ? [] : [Read(lists)],
    };

    private protected static TlsFile Read(string path) => new(File.ReadAllBytes(path), Path.GetFileName(path));

    /// <summary>The number of the alert that the client read; null if none.</summary>
    private protected static int? AlertOf(OpenSslResult result) =>
        Alert().Match(result.Output) is { Success: true } alert ? int.Parse(alert.Groups[1].Value, provider: null) : null;

    [GeneratedRegex(@"SSL alert number (\d+)")]
    private static partial Regex Alert();
}
