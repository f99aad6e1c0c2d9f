using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Reprise.Cli.Demo;
using Reprise.Cli.Demo.Outages;
using Reprise.Cli.Terminal;
using Spectre.Console;

namespace Reprise.Cli.Up;

/// <summary><c>reprise up</c>: a whole cluster as processes of this machine.</summary>
internal static class UpCommand
{
    private static readonly Option<int> Edges = NumberOption.Create("--edges", "How many edges to start.", 1, 64, 3);
    private static readonly Option<int> KeyServices =
        NumberOption.Create("--key-services", "How many key services to start; one leads, any of them serves.", 1, 3, 2);

    private static readonly Option<int> Port =
        NumberOption.Create("--port", "TLS port of the first edge on 127.0.0.1; the others follow it.", 1, 65535, 8443);

    private static readonly Option<string> Data = new("--data")
    {
        Description = "Folder for PKI, configurations, logs and cluster.json.",
        HelpName = "DIR",
        DefaultValueFactory = _ => ".reprise",
    };

    private static readonly Option<string?> Redis = new("--redis")
    {
        Description = "Use this Redis in place of the embedded server.",
        HelpName = "HOST:PORT",
    };

    private static readonly Option<bool> Demo = new("--demo")
    {
        Description = "Put a steady load on it and walk through a story that is measured; then stop (see --stay). Exit 0: all went as it should; 1: not all.",
    };

    private static readonly Option<bool> Stay = new("--stay") { Description = "After the demo, go on until Ctrl-C." };

    public static Command Create(Screen screen)
    {
        var up = new Command("up", "Start a cluster on this machine: edges, key services, an embedded Redis-protocol server and a demo upstream.")
        {
            Edges, KeyServices, Port, Data, Redis, Demo, DemoCommand.Pause, Stay,
        };
        up.Validators.Add(result =>
        {
            if (!result.GetValue(Demo) && (result.GetValue(Stay) || result.GetResult(DemoCommand.Pause) is { Implicit: false }))
                result.AddError("--pause and --stay belong to --demo");
        });
        up.SetAction((parsed, cancellationToken) => RunAsync(parsed, Options(parsed), screen, cancellationToken));
        return up;
    }

    private static UpOptions Options(ParseResult parsed)
    {
        var options = new UpOptions(
            parsed.GetValue(Edges), parsed.GetValue(KeyServices), parsed.GetValue(Port), Path.GetFullPath(parsed.GetRequiredValue(Data)), parsed.GetValue(Redis));
        if (options.Port + options.Edges - 1 > 65535)
            throw new CliException($"--port {options.Port} and --edges {options.Edges} together go past port 65535");
        if (options.Redis is { } redis && !IsHostAndPort(redis))
            throw new CliException($"--redis '{redis}': give HOST:PORT");
        return options;
    }

    [SuppressMessage("Reliability", "CA2016", Justification = "What has been started is stopped although the token is cancelled.")]
    private static async Task<int> RunAsync(ParseResult parsed, UpOptions options, Screen screen, CancellationToken cancellationToken)
    {
        var (json, demo) = (parsed.GetValue(CommonOptions.Json), parsed.GetValue(Demo));
        var verdict = ExitCode.Done;
        await using var cluster = new LocalCluster(options, fault => screen.Error.WriteLine($"reprise: {fault}"));
        try
        {
            if (!json)
                screen.Out.WriteLine($"Starting {options.Edges} {(options.Edges == 1 ? "edge" : "edges")} in {options.Data} ...");
            await cluster.StartAsync(cancellationToken);
            if (demo && json)
                screen.WriteJsonLine(new { step = "up", cluster = cluster.Description });
            else
                Announce(cluster, screen, json);
            if (demo)
            {
                var pause = TimeSpan.FromSeconds(parsed.GetValue(DemoCommand.Pause));
                verdict = ExitCode.Interrupted; // unless the story comes to its end
                verdict = await DemoCommand.TellAsync(
                    cluster.Description, new LocalOutages(cluster), new Telling(screen, json), pause, screen, cancellationToken);
            }

            if (!demo || parsed.GetValue(Stay))
                await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (!json)
                screen.Out.WriteLine("Stopping ...");
        }

        await cluster.StopAsync();
        return verdict;
    }

    private static void Announce(LocalCluster cluster, Screen screen, bool json)
    {
        var running = cluster.Description;
        if (json)
        {
            screen.WriteJson(running);
            return;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("node", "listens", "management", "pid");
        foreach (var edge in running.Edges)
            table.AddRow(edge.Name, $"https://{edge.Tls}", $"http://{edge.Management}", Pid(edge.Pid));
        foreach (var keys in running.KeyService)
            table.AddRow(keys.Name!, $"grpc (mTLS) {keys.Grpc}\nhttps://{keys.Dashboard} (dashboard)", $"http://{keys.Management}", Pid(keys.Pid));
        table.AddRow("redis", running.Redis!, "", cluster.EmbedsRedis ? "(embedded)" : "");
        table.AddRow("upstream", $"http://{cluster.Upstream}", "", "(embedded)");
        screen.Console.Write(table);

        var service = running.KeyService[0];
        var (first, other) = (running.Edges[0], running.Edges[^1]);
        screen.Out.WriteLine($"""
            Ready. Try next, in another terminal:
              {cluster.CommandPrefix} probe{cluster.ClusterArgument}
              {cluster.CommandPrefix} keys rotate --wait{cluster.ClusterArgument}
              https://{service.Dashboard}    # in a browser: the dashboard; its token: cat {cluster.DashboardToken}
              openssl s_client -connect {first.Tls} -servername stateful.reprise.test -CAfile {running.Pki.Ca} -sess_out s.pem
              openssl s_client -connect {other.Tls} -servername stateful.reprise.test -CAfile {running.Pki.Ca} -sess_in s.pem
              curl --cacert {running.Pki.Ca} --connect-to ::{first.Tls} https://stateless.reprise.test/.well-known/reprise/handshake
              kill {first.Pid}    # edge-1: and see what the others do
              kill -9 {service.Pid}    # {service.Name}: {(running.KeyService.Count > 1 ? "another takes over" : "nodes go on with the keys they have")}
            Ctrl-C stops all of it.
            """);
    }

    private static string Pid(int? pid) => pid?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static bool IsHostAndPort(string text) =>
        Uri.TryCreate($"tcp://{text}", UriKind.Absolute, out var uri) && uri.Port > 0 && uri.Authority == text;
}
