using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reprise.Conformance.Tests.Peers;

/// <summary>Debian's chromium-headless-shell with one page, led by the DevTools protocol.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(90));
    private string? _session;
    private int _calls;

    private Browser(Process process) => _process = process;

    public static async Task<Browser> StartAsync(IEnumerable<string> arguments)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo("chromium-headless-shell", [.. arguments, "--remote-debugging-port=0", "about:blank"]) { RedirectStandardError = true },
        };
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = new StringBuilder();
        process.EnableRaisingEvents = true;
        process.ErrorDataReceived += (_, e) =>
        {
            output.AppendLine(e.Data);
            if (e.Data?.Split("DevTools listening on ") is [_, var at])
                address.TrySetResult(at);
        };
        process.Exited += (_, _) => address.TrySetException(new InvalidOperationException($"Chromium has ended:\n{output}"));
        process.Start();
        process.BeginErrorReadLine();
        var browser = new Browser(process);
        try
        {
            await browser._socket.ConnectAsync(new Uri(await address.Task.WaitAsync(browser._limit.Token)), browser._limit.Token);
            var target = await browser.CallAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" });
            var attached = await browser.CallAsync("Target.attachToTarget", new JsonObject { ["targetId"] = target["targetId"]!.GetValue<string>(), ["flatten"] = true });
            browser._session = attached["sessionId"]!.GetValue<string>();
            await browser.CallAsync("Network.enable", []);
            await browser.CallAsync("Network.setCacheDisabled", new JsonObject { ["cacheDisabled"] = true });
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <returns>The page's text.</returns>
    public async Task<string> OpenAsync(string url)
    {
        await CallAsync("Page.enable", []);
        var navigation = await CallAsync("Page.navigate", new JsonObject { ["url"] = url });
        if (navigation["errorText"] is { } error)
            throw new InvalidOperationException($"{url}: {error}");
        while (true)
        {
            var answer = await CallAsync("Runtime.evaluate", new JsonObject
            {
                ["expression"] = $"location.href === {JsonSerializer.Serialize(url)} && document.readyState === 'complete' ? document.body.innerText : ''",
            });
            if (answer["result"]?["value"]?.GetValue<string>() is { Length: > 0 } text)
                return text;
            await Task.Delay(20, _limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _socket.Dispose();
        _limit.Dispose();
    }

    private async Task<JsonObject> CallAsync(string method, JsonObject parameters)
    {
        var id = ++_calls;
        var call = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (_session is not null)
            call["sessionId"] = _session;
        await _socket.SendAsync(Encoding.UTF8.GetBytes(call.ToJsonString()), WebSocketMessageType.Text, true, _limit.Token);
        while (true)
        {
            var message = await ReceiveAsync();
            if (message["id"]?.GetValue<int>() != id)
                continue; // an event
            return message["error"] is { } error
                ? throw new InvalidOperationException($"{method}: {error.ToJsonString()}")
                : message["result"]!.AsObject();
        }
    }

    private async Task<JsonObject> ReceiveAsync()
    {
        var text = new MemoryStream();
        var buffer = new byte[16384];
        while (true)
        {
            var part = await _socket.ReceiveAsync(buffer.AsMemory(), _limit.Token);
            text.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
                return JsonNode.Parse(text.ToArray())!.AsObject();
        }
    }
}
