using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using SqueezeBert.Benchmarks.Engines;
using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Graphs;
using SqueezeBert.Measuring;

namespace SqueezeBert.Benchmarks;

/// <summary>
/// Whole passes over one text (or several of one length), ours and other engines' in turns: the whole last hidden state, and the pooled row
/// that a classifier needs. Results are compared first where the weights are the same.
/// </summary>
internal sealed class InferenceBenchmark
{
    public const string Usage = "[--models squeezebert-base,bert-base] [--threads 1,2] [--lengths 8,16,32,64,128,256,384,512] [--batch 1]\n"
        + "              [--outputs last_hidden_state,pooler_output] [--precisions float32,int8]\n"
        + "              [--peers FOLDER [--python python3.11]] [--graph peers|own] " +
            "[--alone] [--seconds 2] [--rounds 5] [--turn 200] [--pause 50]";

    private const string Peak = "FMA peak", Burst = "best 0.25 ms";

    private readonly Arguments _arguments;
    private readonly TextWriter _output;
    private readonly Table _table;
    private readonly string? _peers;
    private readonly string? _packages;

    private InferenceBenchmark(Arguments arguments, TextWriter output)
    {
        _arguments = arguments;
        _output = output;
        _peers = arguments.Text("--peers");
        _packages = _peers is null ? null : Path.Combine(_peers, "site");
        if (_packages is not null && !Directory.Exists(_packages))
            throw new ArgumentException($"--peers {_peers}: there is no folder {_packages}; unpack site.tar.xz and models.tar.xz there");
        if (arguments.Text("--graph") == "own") _peers = null;
        Machine.Describe(output, arguments.All);
        output.WriteLine($"{string.Join(" and ", Precisions.Select(OwnEngines.Name))}; batch {Batch}");
        if (!IsAlone) output.WriteLine($"ONNX Runtime {OrtEnv.Instance().GetVersionString()}: {OnnxRuntimeEngine.Settings}");
        if (_packages is not null)
            output.WriteLine(
                $"OpenVINO {OpenVinoEngine.Version(_packages)}: {OpenVinoEngine.Settings}; in float32, and in the precision that it " +
                    "takes by itself");
        output.WriteLine(
            "peak: fused multiply-adds on registers, on as many cores at a time, measured in the same rounds; GFLOP/s: of the products " +
                "that the engine has to compute, over the median");
        output.WriteLine($"ours/theirs: ratio of the medians, ours in {OwnEngines.Name(Precisions[^1])}; below 1 we are faster");
        output.WriteLine();
        _table = new Table(output, "model", "output", "threads:", "tokens:", "engine", "median ms:", "min ms:", "spread:", "GFLOP/s:",
            "of peak:", "ours/theirs:");
    }

    /// <summary>Ours only: where no peer runs, and for a quick look.</summary>
    private bool IsAlone => _arguments.Has("--alone");

    /// <summary>Ours; the last one is compared with the others.</summary>
    private IReadOnlyList<Precision> Precisions => OwnEngines.Precisions(_arguments);

    private int Batch => _arguments.Integer("--batch", 1);

    /// <exception cref="WrongResultException">Another engine gave another answer.</exception>
    public static void Run(Arguments arguments, TextWriter output)
    {
        var models = arguments.Texts("--models", "squeezebert-base", "bert-base").Select(BenchmarkModel.Find).ToList();
        var benchmark = new InferenceBenchmark(arguments, output);
        foreach (var model in models) benchmark.Run(model);
    }

    private void Run(BenchmarkModel model)
    {
        using var onnx = IsAlone ? null : new OnnxModel(model, _peers);
        foreach (var threads in _arguments.Integers("--threads", [1, 2]))
        {
            var graph = model.Graph();
            using var ours = new OwnEngines(model, graph, Precisions, threads);
            using var ort = onnx is null ? null : OnnxRuntimeEngine.Open(onnx.Path, threads);
            foreach (var name in _arguments.Texts("--outputs", OutputNames.LastHiddenState, OutputNames.PoolerOutput))
            {
                // DistilBERT has no pooler.
                if (graph.Outputs.ContainsKey(name)) Run(model, graph, ours, ort, onnx, name, threads);
            }
        }
    }

    private void Run(BenchmarkModel model, Graph graph, OwnEngines ours, Microsoft.ML.OnnxRuntime.InferenceSession? ort,
        OnnxModel? onnx, string name, int threads)
    {
        var engines = ours.All
            .Select(own => (IEngine)new SqueezeBertEngine(own.Model, name, $"SqueezeBert {OwnEngines.Name(own.Precision)}")).ToList();
        try
        {
            if (ort is not null) engines.Add(new OnnxRuntimeEngine(ort, name));
            if (onnx is not null && _packages is not null)
            {
                var python = _arguments.Text("--python") ?? "python3.11";
                engines.Add(new OpenVinoEngine(python, _packages, onnx.Path, name, threads, isFloat32: true));
                engines.Add(new OpenVinoEngine(python, _packages, onnx.Path, name, threads, isFloat32: false));
                if (Precisions.Contains(Precision.Int8) && onnx.Int8Path is { } int8)
                    engines.Add(new OpenVinoEngine(python, _packages, int8, name, threads, isFloat32: true));
            }

            foreach (var length in _arguments.Integers("--lengths", [8, 16, 32, 64, 128, 256, 384, 512])
                .Where(length => length <= model.Configuration.MaxPositionEmbeddings))
            {
                var texts = Enumerable.Range(0, Batch)
                    .Select(i => TokenText.Random(length, model.Configuration.VocabularySize, i)).ToList();
                foreach (var engine in engines)
                {
                    engine.Prepare([texts]);
                    engine.Run();
                }

                if (onnx is { HasOurWeights: true } && Precisions[0] == Precision.Float32)
                    Compare(engines, $"{model.Name}, {name}, {length} tokens, {threads} threads");
                Measure(engines, model, graph, name, threads, length);
            }
        }
        finally
        {
            foreach (var engine in engines) engine.Dispose();
        }
    }

    /// <summary>All that compute in float32; OpenVINO's own choice may be coarser.</summary>
    private static void Compare(List<IEngine> engines, string what)
    {
        foreach (var theirs in engines.Where(engine => engine is OnnxRuntimeEngine or OpenVinoEngine { IsFloat32: true }))
            Comparison.Check(what, engines[0], theirs);
    }

    private void Measure(List<IEngine> engines, BenchmarkModel model, Graph graph, string name, int threads, int length)
    {
        var rounds = new RoundRobin
        {
            Seconds = _arguments.Number("--seconds", 2),
            MinimumRounds = _arguments.Integer("--rounds", 5),
            TurnSeconds = _arguments.Number("--turn", 200) / 1000,
            Pause = TimeSpan.FromMilliseconds(_arguments.Number("--pause", threads > 1 ? 50 : 0)),
        };
        var contenders = engines.Select(engine => new Contender(engine.Name, engine.Run))
            .Append(new Contender(Peak, () => MachinePeak.FmaGflops(threads), Repeats: false))
            .Append(new Contender(Burst, () => MachinePeak.BurstGflops(threads), Repeats: false))
            .ToList();
        var samples = rounds.Run(contenders);
        var own = Precisions.Count;
        var (ours, peak, burst) = (samples[own - 1].Median, samples[^2].Median, samples[^1].Median);
        for (var i = 0; i < engines.Count; i++)
        {
            // Others compute every row of every layer, whatever is asked for.
            var flops =
                Batch * ModelCost.Flops(graph, i < own ? [name]
                    : [.. graph.Outputs.Keys.Where(output => output is OutputNames.LastHiddenState || output == name)], length);
            var rate = flops / samples[i].Median / 1e9;
            _table.Row(
                model.Name, name, Whole(threads), Whole(length), engines[i].Name, Table.Milliseconds(samples[i].Median),
                Table.Milliseconds(samples[i].Minimum),
                Table.Percent(samples[i].Spread), Table.Whole(rate), Table.Percent(rate / peak),
                i == own - 1 ? "" : Table.Ratio(ours / samples[i].Median));
        }

        _table.Row(model.Name, name, Whole(threads), Whole(length), Peak, "", "", Table.Percent(samples[^2].Spread),
            Table.Whole(peak), "", "");
        _table.Row(model.Name, name, Whole(threads), Whole(length), Burst, "", "", Table.Percent(samples[^1].Spread), Table.Whole(burst),
            Table.Percent(burst / peak), "");
    }

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);
}
