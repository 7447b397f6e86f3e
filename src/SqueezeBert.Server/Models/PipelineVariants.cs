using System.Runtime.CompilerServices;

namespace SqueezeBert.Server.Models;

/// <summary>
/// Pipelines with options of single requests, which share the host's model. The first few variants of each model are kept, so that requests
/// with the same options are computed together. Clients cannot create more of them: other variants exist for one request only. Thread-safe.
/// </summary>
internal sealed class PipelineVariants
{
    private const int MaxCount = 32;

    private static readonly ConditionalWeakTable<InferenceModel, PipelineVariants> Known = new();

    private readonly Dictionary<string, TextPipeline> _pipelines = new(StringComparer.Ordinal);

    /// <summary>Returns a pipeline for the duration of a request.</summary>
    /// <param name="model">The model, which the request holds.</param>
    /// <param name="key">Identifies the options.</param>
    /// <param name="create">Creates the pipeline.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static VariantLease<TPipeline> Rent<TPipeline>(InferenceModel model, string key, Func<InferenceModel, TPipeline> create)
        where TPipeline : TextPipeline
    {
        var variants = Known.GetValue(model, static _ => new PipelineVariants());
        key = $"{typeof(TPipeline).Name} {key}";
        lock (variants._pipelines)
        {
            if (variants._pipelines.TryGetValue(key, out var known)) return new((TPipeline)known, isOwn: false);
            var pipeline = create(model);
            var isKept = variants._pipelines.Count < MaxCount;
            if (isKept) variants._pipelines.Add(key, pipeline);
            return new(pipeline, isOwn: !isKept);
        }
    }
}

/// <summary>A pipeline that is held for a request.</summary>
/// <param name="pipeline">The pipeline.</param>
/// <param name="isOwn">Whether the pipeline is disposed with the request.</param>
internal readonly struct VariantLease<TPipeline>(TPipeline pipeline, bool isOwn) : IDisposable
    where TPipeline : TextPipeline
{
    public TPipeline Pipeline => pipeline;

    public void Dispose()
    {
        if (isOwn) pipeline.Dispose();
    }
}
