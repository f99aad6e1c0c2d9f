using System.IO.Pipelines;

namespace Reprise.Tls;

internal sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
