using System.Runtime.CompilerServices;

namespace SqueezeBert.Kernels.Products.Microkernels;

/// <summary>Tiles two vectors wide and up to 12 rows high: 24 sums in registers.</summary>
internal static unsafe class Tile2<TSimd, TVector, TRows>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TRows : struct, IRows
{
    /// <inheritdoc cref="TileArguments"/>
    [MethodImpl(LeafKernel.Compilation)]
    public static void Run(TileArguments* t)
    {
        var w = TSimd.Count;

        // A row of a is found from a pointer for each four rows, which takes fewer registers than one for each.
        nint row = t->ARowStride, row2 = row * 2, row3 = row * 3, aStep = t->AStep, bStep = t->BStep;
        float* a0 = t->A, a4 = a0 + (row * 4), a8 = a4 + (row * 4), b = t->B;
        TVector c00 = default, c01 = default;
        TVector c10 = default, c11 = default;
        TVector c20 = default, c21 = default;
        TVector c30 = default, c31 = default;
        TVector c40 = default, c41 = default;
        TVector c50 = default, c51 = default;
        TVector c60 = default, c61 = default;
        TVector c70 = default, c71 = default;
        TVector c80 = default, c81 = default;
        TVector c90 = default, c91 = default;
        TVector cA0 = default, cA1 = default;
        TVector cB0 = default, cB1 = default;

        if (t->Accumulate)
        {
            var c = t->C;
            c00 = TSimd.Load(c);
            c01 = TSimd.Load(c + w);
            if (TRows.Value > 1) { c += t->CStride; c10 = TSimd.Load(c); c11 = TSimd.Load(c + w); }
            if (TRows.Value > 2) { c += t->CStride; c20 = TSimd.Load(c); c21 = TSimd.Load(c + w); }
            if (TRows.Value > 3) { c += t->CStride; c30 = TSimd.Load(c); c31 = TSimd.Load(c + w); }
            if (TRows.Value > 4) { c += t->CStride; c40 = TSimd.Load(c); c41 = TSimd.Load(c + w); }
            if (TRows.Value > 5) { c += t->CStride; c50 = TSimd.Load(c); c51 = TSimd.Load(c + w); }
            if (TRows.Value > 6) { c += t->CStride; c60 = TSimd.Load(c); c61 = TSimd.Load(c + w); }
            if (TRows.Value > 7) { c += t->CStride; c70 = TSimd.Load(c); c71 = TSimd.Load(c + w); }
            if (TRows.Value > 8) { c += t->CStride; c80 = TSimd.Load(c); c81 = TSimd.Load(c + w); }
            if (TRows.Value > 9) { c += t->CStride; c90 = TSimd.Load(c); c91 = TSimd.Load(c + w); }
            if (TRows.Value > 10) { c += t->CStride; cA0 = TSimd.Load(c); cA1 = TSimd.Load(c + w); }
            if (TRows.Value > 11) { c += t->CStride; cB0 = TSimd.Load(c); cB1 = TSimd.Load(c + w); }
        }

        var next = t->Prefetch;
        var nextStep = t->PrefetchStep;
        for (var k = t->K; k > 0; k--)
        {
            TSimd.Prefetch(next);
            next += nextStep;
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + w), x;
            x = TSimd.Broadcast(a0);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            c01 = TSimd.MultiplyAdd(x, b1, c01);
            if (TRows.Value > 1) { x = TSimd.Broadcast(a0 + row); c10 = TSimd.MultiplyAdd(x, b0, c10); c11 = TSimd.MultiplyAdd(x, b1, c11); }
            if (TRows.Value > 2) { x = TSimd.Broadcast(a0 + row2); c20 = TSimd.MultiplyAdd(x, b0, c20); c21 = TSimd.MultiplyAdd(x, b1, c21); }
            if (TRows.Value > 3) { x = TSimd.Broadcast(a0 + row3); c30 = TSimd.MultiplyAdd(x, b0, c30); c31 = TSimd.MultiplyAdd(x, b1, c31); }
            if (TRows.Value > 4) { x = TSimd.Broadcast(a4); c40 = TSimd.MultiplyAdd(x, b0, c40); c41 = TSimd.MultiplyAdd(x, b1, c41); }
            if (TRows.Value > 5) { x = TSimd.Broadcast(a4 + row); c50 = TSimd.MultiplyAdd(x, b0, c50); c51 = TSimd.MultiplyAdd(x, b1, c51); }
            if (TRows.Value > 6) { x = TSimd.Broadcast(a4 + row2); c60 = TSimd.MultiplyAdd(x, b0, c60); c61 = TSimd.MultiplyAdd(x, b1, c61); }
            if (TRows.Value > 7) { x = TSimd.Broadcast(a4 + row3); c70 = TSimd.MultiplyAdd(x, b0, c70); c71 = TSimd.MultiplyAdd(x, b1, c71); }
            if (TRows.Value > 8) { x = TSimd.Broadcast(a8); c80 = TSimd.MultiplyAdd(x, b0, c80); c81 = TSimd.MultiplyAdd(x, b1, c81); }
            if (TRows.Value > 9) { x = TSimd.Broadcast(a8 + row); c90 = TSimd.MultiplyAdd(x, b0, c90); c91 = TSimd.MultiplyAdd(x, b1, c91); }
            if (TRows.Value > 10) { x = TSimd.Broadcast(a8 + row2); cA0 = TSimd.MultiplyAdd(x, b0, cA0); cA1 = TSimd.MultiplyAdd(x, b1, cA1); }
            if (TRows.Value > 11) { x = TSimd.Broadcast(a8 + row3); cB0 = TSimd.MultiplyAdd(x, b0, cB0); cB1 = TSimd.MultiplyAdd(x, b1, cB1); }
            a0 += aStep;
            if (TRows.Value > 4) a4 += aStep;
            if (TRows.Value > 8) a8 += aStep;
            b += bStep;
        }

        if (t->Bias is not null)
        {
            var bias = t->Bias;
            TVector b0 = TSimd.Load(bias), b1 = TSimd.Load(bias + w);
            c00 = TSimd.Add(c00, b0);
            c01 = TSimd.Add(c01, b1);
            if (TRows.Value > 1) { c10 = TSimd.Add(c10, b0); c11 = TSimd.Add(c11, b1); }
            if (TRows.Value > 2) { c20 = TSimd.Add(c20, b0); c21 = TSimd.Add(c21, b1); }
            if (TRows.Value > 3) { c30 = TSimd.Add(c30, b0); c31 = TSimd.Add(c31, b1); }
            if (TRows.Value > 4) { c40 = TSimd.Add(c40, b0); c41 = TSimd.Add(c41, b1); }
            if (TRows.Value > 5) { c50 = TSimd.Add(c50, b0); c51 = TSimd.Add(c51, b1); }
            if (TRows.Value > 6) { c60 = TSimd.Add(c60, b0); c61 = TSimd.Add(c61, b1); }
            if (TRows.Value > 7) { c70 = TSimd.Add(c70, b0); c71 = TSimd.Add(c71, b1); }
            if (TRows.Value > 8) { c80 = TSimd.Add(c80, b0); c81 = TSimd.Add(c81, b1); }
            if (TRows.Value > 9) { c90 = TSimd.Add(c90, b0); c91 = TSimd.Add(c91, b1); }
            if (TRows.Value > 10) { cA0 = TSimd.Add(cA0, b0); cA1 = TSimd.Add(cA1, b1); }
            if (TRows.Value > 11) { cB0 = TSimd.Add(cB0, b0); cB1 = TSimd.Add(cB1, b1); }
        }

        if (t->Residual is not null)
        {
            var residual = t->Residual;
            c00 = TSimd.Add(c00, TSimd.Load(residual));
            c01 = TSimd.Add(c01, TSimd.Load(residual + w));
            if (TRows.Value > 1) { residual += t->ResidualStride; c10 = TSimd.Add(c10, TSimd.Load(residual)); c11 = TSimd.Add(c11, TSimd.Load(residual + w)); }
            if (TRows.Value > 2) { residual += t->ResidualStride; c20 = TSimd.Add(c20, TSimd.Load(residual)); c21 = TSimd.Add(c21, TSimd.Load(residual + w)); }
            if (TRows.Value > 3) { residual += t->ResidualStride; c30 = TSimd.Add(c30, TSimd.Load(residual)); c31 = TSimd.Add(c31, TSimd.Load(residual + w)); }
            if (TRows.Value > 4) { residual += t->ResidualStride; c40 = TSimd.Add(c40, TSimd.Load(residual)); c41 = TSimd.Add(c41, TSimd.Load(residual + w)); }
            if (TRows.Value > 5) { residual += t->ResidualStride; c50 = TSimd.Add(c50, TSimd.Load(residual)); c51 = TSimd.Add(c51, TSimd.Load(residual + w)); }
            if (TRows.Value > 6) { residual += t->ResidualStride; c60 = TSimd.Add(c60, TSimd.Load(residual)); c61 = TSimd.Add(c61, TSimd.Load(residual + w)); }
            if (TRows.Value > 7) { residual += t->ResidualStride; c70 = TSimd.Add(c70, TSimd.Load(residual)); c71 = TSimd.Add(c71, TSimd.Load(residual + w)); }
            if (TRows.Value > 8) { residual += t->ResidualStride; c80 = TSimd.Add(c80, TSimd.Load(residual)); c81 = TSimd.Add(c81, TSimd.Load(residual + w)); }
            if (TRows.Value > 9) { residual += t->ResidualStride; c90 = TSimd.Add(c90, TSimd.Load(residual)); c91 = TSimd.Add(c91, TSimd.Load(residual + w)); }
            if (TRows.Value > 10) { residual += t->ResidualStride; cA0 = TSimd.Add(cA0, TSimd.Load(residual)); cA1 = TSimd.Add(cA1, TSimd.Load(residual + w)); }
            if (TRows.Value > 11) { residual += t->ResidualStride; cB0 = TSimd.Add(cB0, TSimd.Load(residual)); cB1 = TSimd.Add(cB1, TSimd.Load(residual + w)); }
        }

        var target = t->C;
        TSimd.Store(target, c00);
        TSimd.Store(target + w, c01);
        if (TRows.Value > 1) { target += t->CStride; TSimd.Store(target, c10); TSimd.Store(target + w, c11); }
        if (TRows.Value > 2) { target += t->CStride; TSimd.Store(target, c20); TSimd.Store(target + w, c21); }
        if (TRows.Value > 3) { target += t->CStride; TSimd.Store(target, c30); TSimd.Store(target + w, c31); }
        if (TRows.Value > 4) { target += t->CStride; TSimd.Store(target, c40); TSimd.Store(target + w, c41); }
        if (TRows.Value > 5) { target += t->CStride; TSimd.Store(target, c50); TSimd.Store(target + w, c51); }
        if (TRows.Value > 6) { target += t->CStride; TSimd.Store(target, c60); TSimd.Store(target + w, c61); }
        if (TRows.Value > 7) { target += t->CStride; TSimd.Store(target, c70); TSimd.Store(target + w, c71); }
        if (TRows.Value > 8) { target += t->CStride; TSimd.Store(target, c80); TSimd.Store(target + w, c81); }
        if (TRows.Value > 9) { target += t->CStride; TSimd.Store(target, c90); TSimd.Store(target + w, c91); }
        if (TRows.Value > 10) { target += t->CStride; TSimd.Store(target, cA0); TSimd.Store(target + w, cA1); }
        if (TRows.Value > 11) { target += t->CStride; TSimd.Store(target, cB0); TSimd.Store(target + w, cB1); }
    }
}
