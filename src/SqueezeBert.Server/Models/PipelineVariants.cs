using System.Runtime.CompilerServices;

namespace SqueezeBert.Server.Models;

/// <summary>
/// Pipelines with options of single requests, which share the host's model. Those that were used last are kept, so that requests with the
/// same options are computed together, and so that no client can fill the place of the others with options that nobody else has.
/// Thread-safe.
/// </summary>
internal sealed class PipelineVariants
{
    private const int MaxCount = 32;

    private static readonly ConditionalWeakTable<InferenceModel, PipelineVariants> Known = new();

    private readonly Dictionary<string, PipelineVariant> _variants = new(StringComparer.Ordinal);

    /// <summary>The keys, the one that was used last at the end.</summary>
    private readonly LinkedList<string> _order = [];

    /// <summary>Returns a pipeline for the duration of a request.</summary>
    /// <param name="model">The model, which the request holds.</param>
    /// <param name="key">Identifies the options, see <see cref="VariantKey"/>.</param>
    /// <param name="create">Creates the pipeline.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static VariantLease<TPipeline> Rent<TPipeline>(InferenceModel model, string key, Func<InferenceModel, TPipeline> create)
        where TPipeline : TextPipeline
    {
        var variants = Known.GetValue(model, static _ => new PipelineVariants());
        key = $"{typeof(TPipeline).Name} {key}";
        TextPipeline? unused;
        PipelineVariant variant;
        lock (variants._variants)
        {
            if (!variants._variants.TryGetValue(key, out var known))
            {
                known = new PipelineVariant(create(model), variants._order.AddLast(key));
                variants._variants.Add(key, known);
            }

            variant = known;
            variant.Holders++;
            variants._order.Remove(variant.Place);
            variants._order.AddLast(variant.Place);
            unused = variants.RemoveOldest();
        }

        unused?.Dispose();
        return new VariantLease<TPipeline>(variants, variant);
    }

    /// <summary>Ends the use of a request.</summary>
    public void Return(PipelineVariant variant)
    {
        bool isUnused;
        lock (_variants)
        {
            variant.Holders--;
            isUnused = variant.Holders == 0 && variant.Place.List is null;
        }

        if (isUnused) variant.Pipeline.Dispose();
    }

    /// <summary>Makes room. What is removed while requests hold it is disposed with the last of them.</summary>
    /// <returns>What is to be disposed at once, or null.</returns>
    private TextPipeline? RemoveOldest()
    {
        if (_variants.Count <= MaxCount) return null;
        var oldest = _order.First!;
        _order.Remove(oldest);
        _variants.Remove(oldest.Value, out var variant);
        return variant!.Holders == 0 ? variant.Pipeline : null;
    }
}

/// <summary>A pipeline with options of a request.</summary>
/// <param name="pipeline">The pipeline.</param>
/// <param name="place">Its place in the order of use; in no list once it is removed.</param>
internal sealed class PipelineVariant(TextPipeline pipeline, LinkedListNode<string> place)
{
    public TextPipeline Pipeline => pipeline;

    public LinkedListNode<string> Place => place;

    /// <summary>The number of requests that hold it.</summary>
    public int Holders { get; set; }
}

/// <summary>A pipeline that is held for a request.</summary>
/// <param name="variants">Where it is kept.</param>
/// <param name="variant">The pipeline.</param>
internal sealed class VariantLease<TPipeline>(PipelineVariants variants, PipelineVariant variant) : IDisposable
    where TPipeline : TextPipeline
{
    private int _isReturned;

    public TPipeline Pipeline => (TPipeline)variant.Pipeline;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isReturned, 1) == 0) variants.Return(variant);
    }
}
