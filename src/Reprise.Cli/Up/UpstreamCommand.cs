using System.CommandLine;
using System.Net;
using Reprise.Cli.Terminal;

namespace Reprise.Cli.Up;

/// <summary><c>reprise upstream</c>: the demo upstream of <c>up</c> by itself, for containers. Not shown in the help.</summary>
internal static class UpstreamCommand
{
    private static readonly Option<string> Listen = new("--listen")
    {
        Description = "Where to listen.",
        HelpName = "IP:PORT",
        DefaultValueFactory = _ => "127.0.0.1:8080",
    };

    public static Command Create(Screen screen)
    {
        var upstream = new Command("upstream", "An HTTP application that answers with the request as it arrived.") { Listen };
        upstream.Hidden = true;
        upstream.Validators.Add(result =>
        {
            if (result.GetValue(Listen) is { } address && !IPEndPoint.TryParse(address, out _))
                result.AddError($"--listen '{address}': give IP:PORT");
        });
        upstream.SetAction((parsed, cancellationToken) => RunAsync(IPEndPoint.Parse(parsed.GetRequiredValue(Listen)), screen, cancellationToken));
        return upstream;
    }

    private static async Task<int> RunAsync(IPEndPoint address, Screen screen, CancellationToken cancellationToken)
    {
        await using var upstream = await DemoUpstream.StartAsync(address, cancellationToken);
        screen.Out.WriteLine($"Listening on {upstream.Address}.");
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The orderly end.
        }

        return ExitCode.Done;
    }
}
