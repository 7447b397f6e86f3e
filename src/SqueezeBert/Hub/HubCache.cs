using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders;

namespace SqueezeBert.Hub;

/// <summary>
/// The cache of the hub on disk: models--OWNER--NAME/{refs,blobs,snapshots}, with .locks beside it
/// (https://huggingface.co/docs/hub/local-cache). Blobs are named by their hash. A snapshot contains the files of a commit as links to the
/// blobs.
/// </summary>
internal sealed class HubCache(string root, bool useLinks)
{
    public string Root => root;

    public string BlobPath(ModelReference model, string etag) => Path.Combine(Folder(model), "blobs", etag);

    public string LockPath(ModelReference model, string etag) => Path.Combine(root, ".locks", FolderName(model), etag + ".lock");

    public string SnapshotFolder(ModelReference model, string commit) => Path.Combine(Folder(model), "snapshots", commit);

    public string SnapshotPath(ModelReference model, string commit, string file) =>
        Path.Combine([SnapshotFolder(model, commit), .. file.Split('/')]);

    /// <summary>Returns the folder of a model's revision, or null if the cache does not know it.</summary>
    public string? FindSnapshot(ModelReference model)
    {
        var commit = model.IsPinned ? model.Revision : ReadReference(model);
        return commit is not null && Directory.Exists(SnapshotFolder(model, commit)) ? SnapshotFolder(model, commit) : null;
    }

    /// <summary>
    /// Returns what a snapshot lacks to be a complete model: "config.json", "weights" or "a tokenizer". Null if it is complete.
    /// </summary>
    public static string? WhatIsMissing(string snapshot)
    {
        var modules = HubFiles.Modules(snapshot);
        var folder = HubFiles.EncoderFolder(modules);
        if (!Has(ModelConfiguration.FileName) && !HubFiles.IsStatic(modules)) return folder + ModelConfiguration.FileName;
        if (!Has(HubFiles.Vocabulary) && !Has(HubFiles.Tokenizer)) return "a tokenizer";

        // A normalization has a folder without files, which the hub leaves out.
        if (HubFiles.ModuleSettings([.. modules.Where(module => module.Kind == "Pooling")])
            .FirstOrDefault(file => !File.Exists(Path.Combine(snapshot, file))) is { } module) return module;
        var weights = WeightFiles.Names.FirstOrDefault(Has);
        if (weights is null) return "weights";
        if (!weights.EndsWith(WeightFiles.IndexSuffix, StringComparison.Ordinal)) return null;
        return HubFiles.Shards(Path.Combine(snapshot, folder, weights)).FirstOrDefault(shard => !Has(shard));

        bool Has(string name) => File.Exists(Path.Combine(snapshot, folder, name));
    }

    /// <summary>Stores the commit that a branch or tag currently stands for.</summary>
    public void WriteReference(ModelReference model, string commit)
    {
        if (model.IsPinned || ReadReference(model) == commit) return;
        AtomicFile.Write(ReferencePath(model), stream => stream.Write(System.Text.Encoding.ASCII.GetBytes(commit)));
    }

    /// <summary>Gives a blob its name in a snapshot: as a link, or as a separate file if links are not possible.</summary>
    public void Place(string blob, string snapshotPath, bool isNewBlob)
    {
        var folder = Path.GetDirectoryName(snapshotPath)!;
        FileProblem.MakeFolder(folder);
        var temporary = $"{snapshotPath}.{Guid.NewGuid():N}.tmp";
        try
        {
            if (!TryLink(temporary, Path.GetRelativePath(folder, blob)))
            {
                if (isNewBlob) File.Move(blob, temporary);
                else File.Copy(blob, temporary);
            }

            File.Move(temporary, snapshotPath, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private bool TryLink(string path, string target)
    {
        if (!useLinks) return false;
        try
        {
            File.CreateSymbolicLink(path, target);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Windows without the right to make them, or a file system that has none.
            return false;
        }
    }

    private string? ReadReference(ModelReference model)
    {
        var path = ReferencePath(model);
        if (!File.Exists(path) || new FileInfo(path).Length > 256) return null;
        var commit = File.ReadAllText(path).Trim();
        return ModelReference.IsCommit(commit) ? commit : null;
    }

    private string ReferencePath(ModelReference model) => Path.Combine([Folder(model), "refs", .. model.Revision.Split('/')]);

    private string Folder(ModelReference model) => Path.Combine(root, FolderName(model));

    private static string FolderName(ModelReference model) => "models--" + model.Id.Replace("/", "--", StringComparison.Ordinal);
}
