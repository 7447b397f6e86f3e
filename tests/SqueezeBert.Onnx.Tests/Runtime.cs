using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

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
    public static Dictionary<string, float[]> Run(string path, int[][] ids)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(path, options);
        var inputs = session.InputNames.Select(name => NamedOnnxValue.CreateFromTensor(name, Input(name, ids))).ToList();
        using var results = session.Run(inputs);
        return results.ToDictionary(result => result.Name, result => result.AsEnumerable<float>().ToArray());
    }

    private static DenseTensor<long> Input(string name, int[][] ids)
    {
        var values = ids.SelectMany(text => text.Select((id, position) => name switch
        {
            "input_ids" => (long)id,
            "attention_mask" => 1,
            _ => position * 2 / text.Length,
        }));
        return new DenseTensor<long>(values.ToArray(), [ids.Length, ids[0].Length]);
    }
}
