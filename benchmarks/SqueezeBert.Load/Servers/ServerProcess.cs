using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace SqueezeBert.Load.Servers;

/// <summary>A server in a process of its own, which prints "listening on ADDRESS" when it answers.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const string Mark = "listening on ";

    private readonly Process _process;
    private readonly HttpClient _client;

    private ServerProcess(Process process, Uri address)
    {
        (_process, Address) = (process, address);
        EndPoint = new IPEndPoint(IPAddress.Parse(address.Host), address.Port);
        _client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
    }

    public Uri Address { get; }

    /// <summary>When it listened, from its start.</summary>
    public TimeSpan ListenedAfter { get; private init; }

    public IPEndPoint EndPoint { get; }

    /// <summary>Processor time that it has taken.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Bytes of it in memory.</summary>
    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="program">A program, or an assembly for `dotnet`.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="environment">Variables of its environment.</param>
    /// <exception cref="IOException">It has ended, with its last words.</exception>
    public static async Task<ServerProcess> StartAsync(
        string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken,
        params (string Name, string Value)[] environment)
    {
        var isAssembly = program.EndsWith(".dll", StringComparison.Ordinal);
        var start = new ProcessStartInfo(
            isAssembly ? "dotnet" : program, isAssembly ? ["exec", program, .. arguments] : arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var started = Stopwatch.GetTimestamp();
        var process = Process.Start(start)!;
        var words = new Queue<string>();
        process.ErrorDataReceived += (_, line) =>
        {
            lock (words)
            {
                words.Enqueue(line.Data ?? "");
                if (words.Count > 5) words.Dequeue();
            }
        };
        process.BeginErrorReadLine();
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.StartsWith(Mark, StringComparison.Ordinal)) continue;
            var server = new ServerProcess(process, new Uri(line[Mark.Length..])) { ListenedAfter = Stopwatch.GetElapsedTime(started) };
            await server.WaitUntilReadyAsync(cancellationToken);
            _ = process.StandardOutput.ReadToEndAsync(cancellationToken);
            return server;
        }

        await process.WaitForExitAsync(cancellationToken);
        lock (words) throw new IOException($"{program} ended: {string.Join(' ', words)}");
    }

    /// <summary>What it is made of now.</summary>
    public async Task<MemorySample> SampleAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        var metrics = await _client.GetStringAsync("/metrics", cancellationToken);
        _process.Refresh();
        return new MemorySample(
            time, _process.WorkingSet64, Metric(metrics, "dotnet_gc_last_collection_memory_committed_size_bytes"),
            Metric(metrics, "dotnet_gc_last_collection_heap_size_bytes"), Metric(metrics, "squeezebert_memory_retained_bytes"),
            Directory.Exists($"/proc/{_process.Id}/fd") ? Directory.GetFileSystemEntries($"/proc/{_process.Id}/fd").Length
                : _process.HandleCount,
            _process.Threads.Count);
    }

    /// <summary>Asks it to stop, and waits until it has.</summary>
    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (!_process.HasExited)
        {
            if (OperatingSystem.IsWindows()) _process.Kill();
            else Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]).Dispose();
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            using var response = await _client.GetAsync("/health", cancellationToken);
            if (response.IsSuccessStatusCode) return;
            await Task.Delay(5, cancellationToken);
        }
    }

    /// <summary>The sum of all series of a name.</summary>
    private static long Metric(string metrics, string name) => (long)metrics.Split('\n')
        .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is ' ' or '{')
        .Sum(line => double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture));
}
