using Grpc.Core;

namespace Reprise.KeyProtocol;

// With another key service to go to, one that is asleep or behind a broken network is left within 2 s. HTTP/2 pings alone would take up
// to twice that: SocketsHttpHandler looks at its clock once a second, for the ping and again for its answer.
public sealed partial class KeyRingSubscriber
{
    private static readonly TimeSpan s_askAfter = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_answerBudget = TimeSpan.FromSeconds(1);

    // grpc.health.v1. An empty question is a valid one, and what is answered does not matter here.
    private static readonly Marshaller<byte[]> s_bytes = new(bytes => bytes, bytes => bytes);
    private static readonly Method<byte[], byte[]> s_check = new(MethodType.Unary, "grpc.health.v1.Health", "Check", s_bytes, s_bytes);

    // Completes when the key service has left a question unanswered; never before its first ring, which has its own budget.
    private async Task UntilSilentAsync(CallInvoker invoker, CancellationToken cancel)
    {
        while (true)
        {
            await Task.Delay(s_askAfter, _time, cancel);
            if (!_connected)
                continue;
            try
            {
                using var call = invoker.AsyncUnaryCall(s_check, null, new CallOptions(cancellationToken: cancel), []);
                await call.ResponseAsync.WaitAsync(s_answerBudget, _time, cancel);
            }
            catch (RpcException)
            {
                // An answer too. Or the connection has ended: the stream on it says so.
            }
            catch (TimeoutException)
            {
                return;
            }
        }
    }
}
