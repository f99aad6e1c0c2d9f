using Reprise.Testing;

namespace Reprise.Cli.Tests;

public sealed class RepriseCommandTests
{
    [Theory]
    [InlineData("nope", "nope")]
    [InlineData("certs init --out x --frobnicate", "--frobnicate")]
    [InlineData("certs init", "--out")]
    [InlineData("certs init --out x --edges many", "--edges 'many'")]
    [InlineData("certs init --out x --edges 0", "1 to 1000")]
    [InlineData("certs init --out x --host a_b!", "a_b!")]
    [InlineData("up --port 70000", "1 to 65535")]
    [InlineData("up --port 65535 --edges 3", "65535")]
    [InlineData("up --key-services 4", "1 to 3")]
    [InlineData("up --redis nowhere", "HOST:PORT")]
    [InlineData("up --pause 0", "belong to --demo")]
    [InlineData("up --demo --pause -1", "0 to 600")]
    [InlineData("demo --wait 0", "1 to 3600")]
    [InlineData("demo --cluster /nonexistent/cluster.json", "no cluster file")]
    [InlineData("probe --tls 1.1", "1.2,1.3")]
    [InlineData("probe --mode none", "stateful,stateless")]
    [InlineData("probe --client nss", "openssl,bouncycastle")]
    [InlineData("probe --repeat 0", "1 to 1000")]
    [InlineData("probe --watch soon", "--watch 'soon'")]
    [InlineData("probe --sni 127.0.0.1", "--sni")]
    [InlineData("probe --pcap x.pcapng", "goes with --trace")]
    [InlineData("keys rotate --cluster /nonexistent/cluster.json", "no cluster file")]
    [InlineData("keys revoke", "EPOCH")]
    [InlineData("keys revoke newest", "EPOCH 'newest'")]
    [InlineData("keys revoke 0 --yes", "EPOCH '0'")]
    [InlineData("nodes remove", "NAME")]
    [InlineData("nodes list --cluster /nonexistent/cluster.json", "no cluster file")]
    [InlineData("profiles set shop", "--stateful on|off")]
    [InlineData("profiles set shop --stateful maybe", "--stateful 'maybe'")]
    [InlineData("profiles list --cluster /nonexistent/cluster.json", "no cluster file")]
    [InlineData("audit --last none", "--last 'none'")]
    [InlineData("audit --cluster /nonexistent/cluster.json", "no cluster file")]
    [InlineData("probe --cluster /nonexistent/cluster.json", "no cluster file")]
    [InlineData("sessions purge --yes", "--profile NAME or --all")]
    [InlineData("sessions purge --profile shop --all --yes", "--profile NAME or --all")]
    [InlineData("sessions purge --all", "--yes")]
    [InlineData("sessions purge --all --yes --cluster /nonexistent/cluster.json", "no cluster file")]
    [InlineData("sessions stats --cluster /nonexistent/cluster.json", "no cluster file")]
    [InlineData("sessions stats --limit 0", "1 to")]
    [InlineData("sessions stats --redis 127.0.0.1:1", "session store")]
    [InlineData("probe --nodes localhost:x --ca x", "HOST:PORT")]
    [InlineData("probe --nodes 127.0.0.1:1 --ca /nonexistent/ca.crt", "/nonexistent/ca.crt")]
    public async Task Arguments_ThatAreWrong_AreNamedInOneLineWithExit2(string arguments, string named) =>
        (await CommandRun.OfAsync(arguments.Split(' '))).AssertFailed(ExitCode.CouldNotRun, named);

    [Fact]
    public async Task KeysList_WithFilesThatAreMissing_NamesTheFile()
    {
        using var directory = new TemporaryDirectory();
        var missing = directory.File("ca.crt");
        var run = await CommandRun.OfAsync("keys", "list", "--key-service", "127.0.0.1:1", "--ca", missing, "--cert", missing, "--key", missing);
        run.AssertFailed(ExitCode.CouldNotRun, missing);
    }

    [Fact]
    public async Task KeysList_WithNobodyListening_SaysWhoDoesNotAnswer()
    {
        using var directory = new TemporaryDirectory();
        await CommandRun.OfAsync("certs", "init", "--out", directory.Path);
        var address = $"127.0.0.1:{FreePort.Next()}";
        var run = await CommandRun.OfAsync(
            "keys", "list", "--key-service", address, "--ca", directory.File("ca.crt"), "--cert", directory.File("admin.crt"), "--key", directory.File("admin.key"));
        run.AssertFailed(ExitCode.CouldNotRun, address);
    }

    [Fact]
    public async Task Help_Always_SucceedsOnStdout()
    {
        var run = await CommandRun.OfAsync("--help");
        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Contains("probe", run.Out, StringComparison.Ordinal);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task DotnetRun_FromAnyFolder_StaysInThatFolder()
    {
        // Sdk.Web sets it to the project's folder; then `.reprise` is not where the other commands look for it.
        var run = await ProcessRun.OfAsync("dotnet", ["msbuild", RepositoryRoot.File("src", "Reprise.Cli"), "-getProperty:RunWorkingDirectory"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Output.Trim()));
    }
}
