using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SqueezeBert.Extensions.Models;

namespace SqueezeBert.Extensions;

/// <summary>
/// A model of a host. It is loaded once for all pipelines and can be replaced while it serves requests. The new model is loaded beside the
/// old one, new calls then use the new model, and the old model is disposed after its last call. Thread-safe.
/// </summary>
public sealed class HostedModel : IDisposable, IAsyncDisposable
{
    private readonly IOptionsFactory<SqueezeBertOptions> _options;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private readonly object _lock = new();
    private readonly List<LoadedModel> _old = [];
    private LoadedModel? _current;
    private bool _isDisposed;

    internal HostedModel(string name, IOptionsFactory<SqueezeBertOptions> options, ILogger<HostedModel> logger)
    {
        Name = name;
        _options = options;
        Logger = logger;
    }

    /// <summary>The key of the model's services. Empty for the model without a key.</summary>
    public string Name { get; }

    /// <summary>
    /// The current model, which is loaded if necessary. After a reload, the old model refuses calls.
    /// <see cref="ReloadablePipeline{TPipeline}"/> handles that.
    /// </summary>
    /// <exception cref="SqueezeBertException">The model cannot be loaded.</exception>
    /// <exception cref="ObjectDisposedException">The host has stopped.</exception>
    public InferenceModel Model => Current(CancellationToken.None).Model;

    internal ILogger Logger { get; }

    internal string DisplayName => Name.Length == 0 ? "(default)" : Name;

    /// <summary>The current model, or null if none is loaded.</summary>
    internal LoadedModel? Loaded
    {
        get
        {
            lock (_lock) return _current;
        }
    }

    /// <summary>Whether the host does not wait until the model is loaded.</summary>
    internal bool LoadsInBackground => _options.Create(Name).LoadInBackground;

    /// <summary>The reason why the model could not be loaded. Null if it was loaded or is not loaded yet.</summary>
    internal Exception? Failure { get; set; }

    /// <summary>The number of replaced models that are still in use.</summary>
    internal int OldCount
    {
        get
        {
            lock (_lock) return _old.Count;
        }
    }

    /// <summary>Loads the model unless it is already loaded. A host does so when it starts.</summary>
    /// <param name="cancellationToken">Cancels the call. It is checked before and after loading.</param>
    /// <exception cref="SqueezeBertException">The model cannot be loaded.</exception>
    /// <exception cref="OptionsValidationException">The options are invalid.</exception>
    public Task LoadAsync(CancellationToken cancellationToken = default) => Task.Run(() => Current(cancellationToken), cancellationToken);

    /// <summary>
    /// Loads the model again with the current options and replaces the old model. Calls that are running, and pipelines that are rented,
    /// continue with the old model. The pipelines that were in use are first created on the new model, so a model that does not fit them is
    /// refused.
    /// </summary>
    /// <param name="cancellationToken">Cancels the call. It is checked before and after loading.</param>
    /// <returns>True if the model was replaced. False if the files and options have not changed.</returns>
    /// <exception cref="SqueezeBertException">The new model is refused. The old model stays in use.</exception>
    /// <exception cref="OptionsValidationException">The options are invalid. The old model stays in use.</exception>
    /// <exception cref="ArgumentException">An option is out of range. The old model stays in use.</exception>
    /// <exception cref="InvalidOperationException">The files changed while they were read. The old model stays in use.</exception>
    public async Task<bool> ReloadAsync(CancellationToken cancellationToken = default)
    {
        var old = await Task.Run(() => Current(cancellationToken), cancellationToken).ConfigureAwait(false);
        await _loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            old = Current(cancellationToken);
            var next = await Task.Run(() => LoadBeside(old, cancellationToken), cancellationToken).ConfigureAwait(false);
            if (next.IsAlike(old))
            {
                next.Dispose();
                Logger.Unchanged(DisplayName);
                return false;
            }

            Replace(old, next);
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException and not ObjectDisposedException)
        {
            Logger.ReloadRefused(e, DisplayName, old.Fingerprint);
            throw;
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Refuses new calls. Running calls complete normally, and the memory is freed after the last of them.</summary>
    public void Dispose()
    {
        foreach (var model in Close()) model.Dispose();
    }

    /// <summary>Like <see cref="Dispose"/>, and waits for the running calls. It does not wait for leases that are not disposed.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var model in Close()) await model.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Waits until all calls and leases have ended, and disposes the model. If it is cancelled, it does not wait.</summary>
    internal async Task DrainAsync(CancellationToken cancellationToken)
    {
        var models = Close();
        try
        {
            foreach (var model in models)
            {
                await model.Close().WaitAsync(cancellationToken).ConfigureAwait(false);
                await model.DisposeAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            }

            if (models.Count > 0) Logger.Drained(DisplayName);
        }
        catch (OperationCanceledException)
        {
            Logger.NotDrained(DisplayName, models.Sum(model => model.Users));
            foreach (var model in models) model.Dispose();
        }
    }

    /// <summary>Returns a pipeline on the current model, which is valid while the lease is held.</summary>
    internal PipelineLease<TPipeline> Rent<TPipeline>()
        where TPipeline : TextPipeline
    {
        while (true)
        {
            // Between the two lines it may have been replaced, and then there is another.
            var model = Current(CancellationToken.None);
            if (!model.TryEnter()) continue;
            try
            {
                return new PipelineLease<TPipeline>(model, (TPipeline)model.Pipeline(typeof(TPipeline)));
            }
            catch
            {
                model.Exit();
                throw;
            }
        }
    }

    /// <summary>Returns a pipeline that is never released: the current model stays in memory until the host stops.</summary>
    internal TPipeline Pin<TPipeline>()
        where TPipeline : TextPipeline
    {
        while (true)
        {
            var model = Current(CancellationToken.None);
            var pipeline = (TPipeline)model.Pipeline(typeof(TPipeline));
            if (model.TryPin()) return pipeline;
        }
    }

    private LoadedModel Current(CancellationToken cancellationToken)
    {
        if (Find() is { } there) return there;
        _loading.Wait(cancellationToken);
        try
        {
            if (Find() is { } meanwhile) return meanwhile;
            var loaded = Load(cancellationToken);
            lock (_lock)
            {
                if (!_isDisposed) return _current = loaded;
            }

            loaded.Dispose();
            throw new ObjectDisposedException(nameof(HostedModel));
        }
        finally
        {
            _loading.Release();
        }
    }

    private LoadedModel? Find()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _current;
        }
    }

    private LoadedModel Load(CancellationToken cancellationToken)
    {
        try
        {
            var started = Stopwatch.GetTimestamp();
            var loaded = LoadedModel.Load(_options.Create(Name), cancellationToken);
            Logger.Loaded(
                DisplayName, loaded.Options.ModelPath!, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds,
                loaded.Model.Configuration.ModelType, loaded.Model.WeightBytes, loaded.Fingerprint);
            return loaded;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Logger.LoadFailed(e, DisplayName);
            throw;
        }
    }

    /// <summary>Loads a model that replaces another one, with all pipelines that are in use.</summary>
    private LoadedModel LoadBeside(LoadedModel old, CancellationToken cancellationToken)
    {
        var next = LoadedModel.Load(_options.Create(Name), cancellationToken);
        try
        {
            foreach (var type in old.PipelineTypes) next.Pipeline(type).WarmUp(cancellationToken);
            return next;
        }
        catch
        {
            next.Dispose();
            throw;
        }
    }

    private void Replace(LoadedModel old, LoadedModel next)
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                next.Dispose();
                throw new ObjectDisposedException(nameof(HostedModel));
            }

            _current = next;
            _old.Add(old);
        }

        var unused = old.Close();
        Logger.Reloaded(DisplayName, old.Fingerprint, next.Fingerprint, old.Users);
        if (old.Pins > 0) Logger.Pinned(DisplayName, old.Pins);
        else _ = RetireAsync(old, unused);
    }

    private async Task RetireAsync(LoadedModel old, Task unused)
    {
        await unused.ConfigureAwait(false);
        await old.DisposeAsync().ConfigureAwait(false);
        lock (_lock) _old.Remove(old);
        Logger.OldDisposed(DisplayName, old.Fingerprint);
    }

    /// <summary>Refuses further use and returns the models in memory.</summary>
    private List<LoadedModel> Close()
    {
        lock (_lock)
        {
            _isDisposed = true;
            List<LoadedModel> models = [.. _old];
            if (_current is { } current) models.Add(current);
            _current = null;
            _old.Clear();
            return models;
        }
    }
}
