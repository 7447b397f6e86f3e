using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders.Onnx.Constants;
using SqueezeBert.ModelFolders.Onnx.Format;

namespace SqueezeBert.Onnx.Tests;

/// <summary>
/// ONNX Runtime, which says what a file computes and makes files of its own. Its package has native parts for Linux, Windows and macOS on
/// x64 and ARM64, macOS on x64 and musl aside; there these tests are skipped.
/// </summary>
internal static class Runtime
{
    public static void SkipWithout()
    {
        try
        {
            OrtEnv.Instance();
        }
        catch (Exception e) when (
            e is TypeInitializationException or DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            Assert.Skip($"ONNX Runtime has no native library for this platform: {e.Message}");
        }
    }

    /// <summary>Writes what the optimizer makes of a file.</summary>
    public static void Optimize(string path, string optimized, GraphOptimizationLevel level)
    {
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = level,
            OptimizedModelFilePath = optimized,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        using var session = new InferenceSession(path, options);
    }

    /// <summary>The outputs for texts of one length, without padding.</summary>
    public static Dictionary<string, float[]> Run(
        string path, int[][] ids, GraphOptimizationLevel level = GraphOptimizationLevel.ORT_ENABLE_ALL)
    {
        using var session = Open(path, level);
        var values = ids.SelectMany(text => text).Select(id => (long)id).ToArray();
        var types = ids.SelectMany(text => text.Select((_, position) => (long)(position * 2 / text.Length))).ToArray();
        return Run(session, new ModelBatch([ids.Length, ids[0].Length], values, [.. values.Select(_ => 1L)], types));
    }

    public static InferenceSession Open(string path, GraphOptimizationLevel level = GraphOptimizationLevel.ORT_ENABLE_ALL)
    {
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = level,
            IntraOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        return new InferenceSession(path, options);
    }

    public static Dictionary<string, float[]> Run(InferenceSession session, ModelBatch batch)
    {
        var inputs = session.InputNames.Select(name => NamedOnnxValue.CreateFromTensor(name,
            new DenseTensor<long>(name switch { "input_ids" => batch.Ids, "attention_mask" => batch.Mask, _ => batch.Types }, batch.Shape)))
            .ToList();
        using var results = session.Run(inputs);
        return results.ToDictionary(result => result.Name, result => result.AsEnumerable<float>().ToArray());
    }

    /// <summary>How often each operator is in a file.</summary>
    public static IReadOnlyDictionary<string, int> Operators(string path) =>
        Read(path, graph => graph.Nodes.CountBy(node => node.Operation).ToDictionary());

    /// <summary>The shapes of a file's constants by their names.</summary>
    public static IReadOnlyDictionary<string, long[]> Initializers(string path) =>
        Read(path, graph => graph.Initializers.ToDictionary(pair => pair.Key, pair => pair.Value.Shape.ToArray()));

    public static IReadOnlyList<string> Inputs(string path) => Read(path, graph => graph.Inputs.Select(input => input.Name).ToList());

    public static IReadOnlyList<string> Outputs(string path) => Read(path, graph => graph.Outputs.ToList());

    private static T Read<T>(string path, Func<OnnxGraph, T> read)
    {
        using var pool = new ConstantPool(ByteSource.Open(path), Path.GetDirectoryName(path));
        return read(OnnxGraphReader.Read(pool.Source, pool));
    }
}
