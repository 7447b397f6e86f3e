using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace SqueezeBert.Release.Tests.AheadOfTime;

/// <summary>`squeezebert serve` as a process of its own, on a free port of this machine.</summary>
internal sealed partial class ServedTool : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly HttpClient _client = new() { Timeout = Limit };

    public ServedTool(string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(tool, ["serve", "--urls", "http://127.0.0.1:0", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Limit);
        var read = new StringBuilder();
        while (_client.BaseAddress is null)
        {
            var line = _process.StandardOutput.ReadLineAsync(limit.Token).AsTask().Result;
            Assert.True(line is not null, $"the server ended: {read}{(line is null ? _process.StandardError.ReadToEnd() : "")}");
            read.AppendLine(line);
            if (Address().Match(line!) is { Success: true } match) _client.BaseAddress = new Uri(match.Value + "/");
        }
    }

    /// <summary>The body of an answer that must be a success.</summary>
    public string Post(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = _client.PostAsync(path, content).Result;
        var text = answer.Content.ReadAsStringAsync().Result;
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}: {text}");
        return text;
    }

    /// <summary>Asks it to end; returns its exit code.</summary>
    public int Stop()
    {
        Command.Run("/", "kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        Assert.True(_process.WaitForExit(Limit));
        return _process.ExitCode;
    }

    public void Dispose()
    {
        _client.Dispose();
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}
