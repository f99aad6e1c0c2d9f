using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.V1;

namespace Reprise.KeyService.Dashboard.Actions;

/// <summary>What operators have done by the page. Each is a call of <c>KeyAdmin</c>, told message by message.</summary>
internal static class DashboardActions
{
    // What is not understood is not carried out in part.
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerOptions.Strict) { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static void MapDashboardActions(this RouteGroupBuilder api)
    {
        Map<RotateBody>(api, "/rotate", _ => null, (_, key, channel, call) =>
            Stream(channel.Admin.Rotate(new RotateRequest { IdempotencyKey = key }, call)));
        Map<RevokeBody>(api, "/revoke", body => Confirmed(body.Confirm, body.Epoch.ToString(CultureInfo.InvariantCulture), "the epoch's number"), (body, key, channel, call) =>
            Stream(channel.Admin.Revoke(new RevokeRequest { Epoch = body.Epoch, PurgeSessions = body.PurgeSessions, IdempotencyKey = key }, call)));
        Map<SwitchBody>(api, "/switch", _ => null, (body, key, channel, call) =>
            Single(channel.Admin.SetResumptionAsync(Switch(body, key), call)));
        Map<PurgeBody>(api, "/purge", Sound, (body, key, channel, call) =>
            Single(channel.Admin.PurgeSessionsAsync(body.All ? new() { All = true, IdempotencyKey = key } : new() { Profile = body.Profile, IdempotencyKey = key }, call)));
    }

    // Refuse: why the body is none to be carried out, or null.
    private static void Map<TBody>(
        RouteGroupBuilder api, string path, Func<TBody, string?> refuse, Func<TBody, string, KeyServiceChannel, CallOptions, IAsyncEnumerable<IMessage>> call) =>
        api.MapPost(path, async (HttpContext context, LeaderCalls leader) =>
        {
            var answer = new ProgressLines(context);
            try
            {
                var (body, reason) = await ReadAsync<TBody>(context);
                if ((reason ?? refuse(body!)) is { } wrong)
                {
                    await answer.FailAsync(StatusCodes.Status400BadRequest, "INVALID", wrong);
                    return;
                }

                await leader.CallAsync(context, async (channel, options) =>
                {
                    await foreach (var message in call(body!, LeaderCalls.KeyOf(context), channel, options))
                        await answer.WriteAsync(message);
                });
            }
            catch (RpcException fault)
            {
                await answer.FailAsync(fault);
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                // The browser has gone. What was begun goes on.
            }
        });

    private static async Task<(TBody? Body, string? Reason)> ReadAsync<TBody>(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
            return (default, "the body is not application/json");
        try
        {
            var body = await context.Request.ReadFromJsonAsync<TBody>(s_json, context.RequestAborted);
            return body is null ? (default, "the body is null") : (body, null);
        }
        catch (Exception fault) when (fault is JsonException or BadHttpRequestException)
        {
            return (default, "the body is not what this takes");
        }
    }

    private static string? Confirmed(string? typed, string expected, string what) => typed == expected ? null : $"confirm is not {what}: nothing was done";

    private static string? Sound(PurgeBody body) => body switch
    {
        { All: true, Profile: null } => Confirmed(body.Confirm, "all", "\"all\""),
        { All: false, Profile.Length: > 0 } => null,
        _ => "name a profile, or all",
    };

    private static SetResumptionRequest Switch(SwitchBody body, string key)
    {
        var request = new SetResumptionRequest { Profile = body.Profile, IdempotencyKey = key };
        if (body.Stateful is { } stateful)
            request.Stateful = stateful;
        if (body.Stateless is { } stateless)
            request.Stateless = stateless;
        return request;
    }

    private static async IAsyncEnumerable<IMessage> Stream<T>(AsyncServerStreamingCall<T> call)
        where T : IMessage
    {
        using (call)
        {
            await foreach (var message in call.ResponseStream.ReadAllAsync())
                yield return message;
        }
    }

    private static async IAsyncEnumerable<IMessage> Single<T>(AsyncUnaryCall<T> call)
        where T : IMessage
    {
        using (call)
            yield return await call;
    }
}
