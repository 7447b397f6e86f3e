using SqueezeBert.Checkpoints;

namespace SqueezeBert.Extensions.Models;

/// <summary>
/// A model in memory with the pipelines that were requested so far. Its users are counted. After it is closed, it accepts no new users, and
/// it is disposed when the last user has left. Thread-safe.
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

    /// <summary>The options with which it was loaded.</summary>
    public SqueezeBertOptions Options { get; }

    /// <summary>The state of its files just before they were read.</summary>
    public FolderState Files { get; }

    public string Fingerprint { get; }

    public ModelProbe Probe { get; }

    /// <summary>The number of users that hold it for the duration of a call.</summary>
    public int Users
    {
        get
        {
            lock (_lock) return _users;
        }
    }

    /// <summary>The number of pipelines that are never released.</summary>
    public int Pins
    {
        get
        {
            lock (_lock) return _pins;
        }
    }

    /// <summary>The types of pipelines that were requested.</summary>
    public IReadOnlyList<Type> PipelineTypes
    {
        get
        {
            lock (_lock) return [.. _pipelines.Keys];
        }
    }

    /// <summary>Loads a model and runs a text. Later results are compared with this first one.</summary>
    /// <exception cref="SqueezeBertException">The files are not a supported model.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="InvalidOperationException">The files changed while they were read.</exception>
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

    /// <summary>Returns whether another model gives the same results: it has the same weights, bit by bit, and the same options.</summary>
    public bool IsAlike(LoadedModel other) => Fingerprint == other.Fingerprint && Options.HasSameValues(other.Options);

    /// <summary>Adds a user, which must leave with <see cref="Exit"/>. Returns false if the model is closed.</summary>
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

    /// <summary>Adds a user that never leaves. Returns false if the model is closed.</summary>
    public bool TryPin()
    {
        lock (_lock)
        {
            if (_isClosed) return false;
            _pins++;
            return true;
        }
    }

    /// <summary>Returns the only pipeline of a type.</summary>
    /// <exception cref="UnsupportedModelException">The model does not fit the pipeline.</exception>
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
    /// <returns>A task that completes when all users have left.</returns>
    public Task Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            if (_users == 0) _unused.TrySetResult();
            return _unused.Task;
        }
    }

    /// <summary>Refuses new calls. Running calls complete normally, and the memory is freed after the last of them.</summary>
    public void Dispose()
    {
        Close();
        foreach (var pipeline in Pipelines()) pipeline.Dispose();
        Probe.Dispose();
        Model.Dispose();
    }

    /// <summary>Like <see cref="Dispose"/>, and waits for the running calls.</summary>
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
