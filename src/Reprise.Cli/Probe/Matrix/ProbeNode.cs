using System.Net;

namespace Reprise.Cli.Probe.Matrix;

/// <param name="Name">As the cluster file or the command line calls it.</param>
/// <param name="EndPoint">Where it answers TLS clients.</param>
internal sealed record ProbeNode(string Name, IPEndPoint EndPoint);
