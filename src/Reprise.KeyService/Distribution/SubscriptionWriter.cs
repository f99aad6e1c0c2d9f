using Grpc.Core;
using Reprise.KeyProtocol.V1;

namespace Reprise.KeyService.Distribution;

/// <summary>Key rings and questions go out on one stream, which takes one message at a time.</summary>
internal sealed class SubscriptionWriter(IServerStreamWriter<SubscribeResponse> stream) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    public async Task WriteAsync(SubscribeResponse message, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await stream.WriteAsync(message, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
