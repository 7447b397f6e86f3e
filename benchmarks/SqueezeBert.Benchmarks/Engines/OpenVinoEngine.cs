using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using SqueezeBert.Graphs;

namespace SqueezeBert.Benchmarks.Engines;

/// <summary>
/// OpenVINO in a Python process that stays alive and runs one repetition for each line of its standard input (openvino_driver.py), so that
/// it takes its turns like the others. The process measures the seconds itself. Texts are padded to the longest of their batch.
/// </summary>
internal sealed class OpenVinoEngine : IEngine
{
    public const string Settings = "CPU, INFERENCE_NUM_THREADS = threads, PERFORMANCE_HINT = LATENCY, compiled for each shape";

    private readonly Process _process;
    private readonly string _output;
    private readonly bool _isInt8;
    private readonly string _suffix;
    private PaddedBatch? _last;

    /// <param name="python">Command of a Python that the packages are made for (3.11).</param>
    /// <param name="packages">Folder with the packages openvino and numpy.</param>
    /// <param name="onnxFile">The model; OpenVINO's own file where its name ends in -int8.xml, with int8 in it.</param>
    /// <param name="output">The output to read.</param>
    /// <param name="threads">Cores to use.</param>
    /// <param name="isFloat32">False leaves the precision to OpenVINO, which takes bfloat16 where the CPU has instructions for it.</param>
    /// <param name="suffix">Follows the name in tables.</param>
    public OpenVinoEngine(
        string python, string packages, string onnxFile, string output, int threads, bool isFloat32, string suffix = "")
    {
        _suffix = suffix;
        _output = output;
        _isInt8 = onnxFile.EndsWith("-int8.xml", StringComparison.Ordinal);
        IsFloat32 = isFloat32 && !_isInt8;
        Name = isFloat32 ? "OpenVINO float32" : "OpenVINO default";
        var start = new ProcessStartInfo(python) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Driver());
        start.ArgumentList.Add(packages);
        start.ArgumentList.Add(onnxFile);
        start.ArgumentList.Add(threads.ToString(CultureInfo.InvariantCulture));
        start.ArgumentList.Add(isFloat32 ? "f32" : "default");
        _process = Process.Start(start)!;
        Answer();
    }

    public string Name { get; private set; }

    public bool IsFloat32 { get; }

    /// <summary>The version of the package in the folder.</summary>
    public static string Version(string packages) =>
        Directory.GetDirectories(packages, "openvino-*.dist-info")
            .Select(folder => Path.GetFileName(folder)["openvino-".Length..^".dist-info".Length]).FirstOrDefault("of unknown version");

    public void Prepare(IReadOnlyList<IReadOnlyList<TokenText>> batches)
    {
        if (batches.Any(batch => batch.Any(text => text.TypeIds.Any(type => type != 0))))
            throw new NotSupportedException("the OpenVINO driver takes texts whose token types are 0");
        Ask("clear");
        foreach (var batch in batches.Select(batch => new PaddedBatch(batch)))
        {
            var precision = Ask(string.Create(CultureInfo.InvariantCulture, $"shape {batch.Texts.Count} {batch.Length}"));
            Name = (_isInt8 ? "OpenVINO int8" : $"OpenVINO {precision}") + _suffix;
            Ask($"ids {string.Join(',', batch.Ids)}");
            Ask($"lengths {string.Join(',', batch.Texts.Select(text => text.Length))}");
            _last = batch;
        }
    }

    public double Run() => double.Parse(Ask("run"), CultureInfo.InvariantCulture);

    public float[] LastResult()
    {
        var values = MemoryMarshal.Cast<byte, float>(Convert.FromBase64String(Ask($"result {_output}")));
        return _last!.WithoutPadding(values, _output == OutputNames.LastHiddenState ? 3 : 2);
    }

    public void Dispose()
    {
        // The driver ends with its input.
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private string Ask(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
        return Answer();
    }

    private string Answer()
    {
        var answer = _process.StandardOutput.ReadLine()
            ?? throw new IOException($"the OpenVINO driver ended with code {ExitCode()}; its standard error says why");
        return answer.StartsWith("error", StringComparison.Ordinal) ? throw new IOException($"OpenVINO driver: {answer}") : answer;
    }

    private int ExitCode()
    {
        _process.WaitForExit();
        return _process.ExitCode;
    }

    private static string Driver()
    {
        using var stream = typeof(OpenVinoEngine).Assembly.GetManifestResourceStream("openvino_driver.py")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
