using Grpc.Core;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Harness;

/// <summary>An operator's calls, read to their end.</summary>
internal static class Calls
{
    public static Task<List<RevokeResponse>> RevokeAsync(this KeyServiceChannel channel, long epoch, bool purge = false, string key = "") =>
        channel.Admin.Revoke(new RevokeRequest { Epoch = epoch, PurgeSessions = purge, IdempotencyKey = key }).ReadAsync();

    public static Task<List<RotateResponse>> RotateAsync(this KeyServiceChannel channel, string key = "") =>
        channel.Admin.Rotate(new RotateRequest { IdempotencyKey = key }).ReadAsync();

    public static Task<List<RemoveNodeResponse>> RemoveNodeAsync(this KeyServiceChannel channel, string node, string key = "") =>
        channel.Admin.RemoveNode(new RemoveNodeRequest { Node = node, IdempotencyKey = key }).ReadAsync();

    public static Task<List<AuditEntry>> AuditAsync(this KeyServiceChannel channel) => channel.Admin.Audit(new AuditRequest()).ReadAsync();

    public static async Task<RpcException> FaultAsync<T>(Func<Task<T>> call) => await Assert.ThrowsAsync<RpcException>(async () => await call());

    /// <summary>All messages of a call.</summary>
    public static async Task<List<T>> ReadAsync<T>(this AsyncServerStreamingCall<T> call)
        where T : class
    {
        using (call)
        {
            var messages = new List<T>();
            while (await call.ResponseStream.MoveNext().WaitAsync(Eventually.DefaultTimeout))
                messages.Add(call.ResponseStream.Current);
            return messages;
        }
    }
}
