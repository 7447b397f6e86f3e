using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace SqueezeBert.Benchmarks.Engines;

/// <summary>
/// ONNX Runtime on its CPU provider: all graph optimizations, as many threads within an operation as asked for, one between operations, and
/// its pool spinning between runs, which is its default. Input and output tensors are its own kind, so that nothing is converted within the
/// clock.
/// </summary>
internal sealed class OnnxRuntimeEngine : IEngine
{
    public const string Settings = "ORT_ENABLE_ALL, IntraOpNumThreads = threads, InterOpNumThreads = 1, spinning allowed (default)";

    private readonly InferenceSession _session;
    private readonly string _output;
    private readonly bool _ownsSession;
    private readonly RunOptions _options = new();
    private (PaddedBatch Batch, OrtValue[] Inputs)[] _batches = [];
    private IDisposableReadOnlyCollection<OrtValue>? _last;

    /// <param name="session">From <see cref="Open"/>.</param>
    /// <param name="output">The output to compute.</param>
    /// <param name="name">For the table.</param>
    /// <param name="ownsSession">Whether the session is closed together with the engine; several engines may share one.</param>
    public OnnxRuntimeEngine(InferenceSession session, string output, string name = "ONNX Runtime", bool ownsSession = false) =>
        (_session, _output, Name, _ownsSession) = (session, output, name, ownsSession);

    public string Name { get; }

    /// <summary>Loads a model; weights are packed here, outside of the clock.</summary>
    public static InferenceSession Open(string onnxFile, int threads)
    {
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        return new InferenceSession(onnxFile, options);
    }

    public void Prepare(IReadOnlyList<IReadOnlyList<TokenText>> batches)
    {
        Release();
        _batches = [.. batches.Select(texts =>
        {
            var batch = new PaddedBatch(texts);
            return (batch,
                _session.InputNames.Select(name => OrtValue.CreateTensorValueFromMemory(batch.Input(name), batch.Shape)).ToArray());
        })];
    }

    public double Run()
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var (_, inputs) in _batches)
        {
            _last?.Dispose();
            _last = _session.Run(_options, _session.InputNames, inputs, [_output]);
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public float[] LastResult() =>
        _batches[^1].Batch.WithoutPadding(_last![0].GetTensorDataAsSpan<float>(), _last[0].GetTensorTypeAndShape().Shape.Length);

    public void Dispose()
    {
        Release();
        _options.Dispose();
        if (_ownsSession) _session.Dispose();
    }

    private void Release()
    {
        _last?.Dispose();
        _last = null;
        foreach (var (_, inputs) in _batches)
        {
            foreach (var input in inputs) input.Dispose();
        }

        _batches = [];
    }
}
