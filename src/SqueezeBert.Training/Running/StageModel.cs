using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Threading;

namespace SqueezeBert.Training.Running;

/// <summary>The model of a stage: its graph, its parameters and their training.</summary>
internal sealed class StageModel : IDisposable
{
    /// <param name="configuration">The model.</param>
    /// <param name="stage">What it is to learn.</param>
    /// <param name="pool">Threads; belongs to the caller.</param>
    public StageModel(ModelConfiguration configuration, StageRecipe stage, WorkerPool pool)
    {
        Configuration = configuration;
        var graph = stage.Task.CreateGraph(configuration);
        var outputs = stage.Task.Outputs(stage, configuration);
        Parameters =
            new ParameterStore(
                [.. graph.NodesFor(outputs.Select(output => output.Name)).SelectMany(node => node.Expressions)
                    .SelectMany(expression => expression.Leaves).Distinct()]);
        Training = new GradientSession(graph, outputs, Parameters, pool);
    }

    public ModelConfiguration Configuration { get; }

    public ParameterStore Parameters { get; }

    public GradientSession Training { get; }

    /// <summary>First values; the seed alone decides them.</summary>
    public void Initialize(ulong seed)
    {
        var initial = new InitialParameters(seed, Configuration.InitializerRange);
        foreach (var parameter in Parameters.Parameters) initial.Read(parameter, Parameters.ValueSpan(parameter));
    }

    /// <summary>
    /// Takes over the parameters that have the same name, with the base model's prefix or without, and the same shape; returns how many.
    /// </summary>
    public int Load(IReadOnlyDictionary<string, float[]> values)
    {
        var loaded = 0;
        foreach (var parameter in Parameters.Parameters)
        {
            if (Find(values, parameter.Name) is not { } source || source.Length != parameter.Length) continue;
            source.CopyTo(Parameters.ValueSpan(parameter));
            loaded++;
        }

        return loaded;
    }

    // A bare encoder's parameters have no prefix, those of one below a head have.
    private float[]? Find(IReadOnlyDictionary<string, float[]> values, string name)
    {
        if (values.TryGetValue(name, out var found)) return found;
        var prefix = ModelGraph.BasePrefix(Configuration);
        var other = name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : prefix + name;
        return values.GetValueOrDefault(other);
    }

    public Dictionary<string, float[]> Values() =>
        Parameters.Parameters.ToDictionary(parameter => parameter.Name, parameter => Parameters.ValueSpan(parameter).ToArray());

    public void Dispose()
    {
        Training.Dispose();
        Parameters.Dispose();
    }
}
