using Reprise.Cli;
using Reprise.Cli.Terminal;

using var stop = new StopSignals();
return await RepriseCommand.RunAsync(args, Screen.OfProcess(), stop.Token);
