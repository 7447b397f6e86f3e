using SqueezeBert.Checkpoints;

namespace SqueezeBert.Extensions.Models;

/// <summary>
/// A model in memory with the pipelines that were asked for so far. It is counted who uses it: once it is closed it gives nothing out any
/// more, and it is disposed after its last user has gone. Thread-safe.
/// </summary>
internal sealed class LoadedModel
{
    private readonly object _lock = new();
    private readonly Dictionary<Type, TextPipeline> _pipelines = [];
    private readonly TaskCompletionSource _unused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _users;
    private int _pins;
    private bool _isClosed;

    private LoadedModel(InferenceModel model, SqueezeBertOptions options, FolderState files, string fingerprint)
    {
        (Model, Options, Files, Fingerprint) = (model, options, files, fingerprint);
        Probe = new ModelProbe(model);
    }

    public InferenceModel Model { get; }

    /// <summary>With which it was loaded.</summary>
    public SqueezeBertOptions Options { get; }

    /// <summary>Its files just before they were read.</summary>
    public FolderState Files { get; }

    public string Fingerprint { get; }

    public ModelProbe Probe { get; }

    /// <summary>Those who hold it now, and let it go after a call.</summary>
    public int Users
    {
        get
        {
            lock (_lock) return _users;
        }
    }

    /// <summary>Pipelines that somebody holds for good.</summary>
    public int Pins
    {
        get
        {
            lock (_lock) return _pins;
        }
    }

    /// <summary>Kinds of pipelines that were asked for.</summary>
    public IReadOnlyList<Type> PipelineTypes
    {
        get
        {
            lock (_lock) return [.. _pipelines.Keys];
        }
    }

    /// <summary>Loads a model and runs a text, whose answer is the one that later ones are compared with.</summary>
    /// <exception cref="SqueezeBertException">The files are no model, or not one that is supported.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="InvalidOperationException">The files were changed while they were read.</exception>
    public static LoadedModel Load(SqueezeBertOptions options, CancellationToken cancellationToken)
    {
        var files = FolderState.Of(options.ModelPath!);
        var model = InferenceModel.Load(options.ModelPath!, options.Model);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();

            // Read from the files, so now: later they may be another model's.
            var loaded = new LoadedModel(model, options, files, model.Fingerprint);
            loaded.Probe.Learn(cancellationToken);
            return loaded;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Whether another would answer alike: the same bits of weights, the same options.</summary>
    public bool IsAlike(LoadedModel other) => Fingerprint == other.Fingerprint && Options.HasSameValues(other.Options);

    /// <summary>Counts a user in, who must leave by <see cref="Exit"/>; false where it is closed.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (_isClosed) return false;
            _users++;
            return true;
        }
    }

    public void Exit()
    {
        lock (_lock)
        {
            _users--;
            if (_isClosed && _users == 0) _unused.TrySetResult();
        }
    }

    /// <summary>Counts in somebody who never leaves; false where it is closed.</summary>
    public bool TryPin()
    {
        lock (_lock)
        {
            if (_isClosed) return false;
            _pins++;
            return true;
        }
    }

    /// <summary>The one pipeline of a kind.</summary>
    /// <exception cref="UnsupportedModelException">The model is of another kind.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public TextPipeline Pipeline(Type type)
    {
        lock (_lock)
        {
            if (!_pipelines.TryGetValue(type, out var pipeline))
                _pipelines.Add(type, pipeline = Models.PipelineTypes.Create(type, Model, Options));
            return pipeline;
        }
    }

    /// <summary>Refuses new users.</summary>
    /// <returns>Ends when those that are there have left.</returns>
    public Task Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            if (_users == 0) _unused.TrySetResult();
            return _unused.Task;
        }
    }

    /// <summary>Refuses new calls. Those that run end as usual; the memory is freed after the last of them.</summary>
    public void Dispose()
    {
        Close();
        foreach (var pipeline in Pipelines()) pipeline.Dispose();
        Probe.Dispose();
        Model.Dispose();
    }

    /// <summary>As <see cref="Dispose"/>, and waits for the calls that run.</summary>
    public async Task DisposeAsync()
    {
        _ = Close();
        foreach (var pipeline in Pipelines()) await pipeline.DisposeAsync().ConfigureAwait(false);
        await Probe.DisposeAsync().ConfigureAwait(false);
        await Model.DisposeAsync().ConfigureAwait(false);
    }

    private List<TextPipeline> Pipelines()
    {
        lock (_lock) return [.. _pipelines.Values];
    }
}
