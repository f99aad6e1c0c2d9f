using Reprise.Cli.Terminal;

namespace Reprise.Cli.Tests;

/// <summary>A command run in this process, with what it printed.</summary>
internal sealed record CommandRun(int ExitCode, string Out, string Error)
{
    public static async Task<CommandRun> OfAsync(params IReadOnlyList<string> args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await RepriseCommand.RunAsync(args, new Screen(output, error, interactive: false), TestContext.Current.CancellationToken);
        return new(code, output.ToString(), error.ToString());
    }

    /// <summary>Nothing on stdout, and one line on stderr that has <paramref name="text"/>.</summary>
    public void AssertFailed(int exitCode, string text)
    {
        Assert.Equal(exitCode, ExitCode);
        var line = Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("reprise: ", line, StringComparison.Ordinal);
        Assert.Contains(text, line, StringComparison.Ordinal);
        Assert.Empty(Out);
    }
}
